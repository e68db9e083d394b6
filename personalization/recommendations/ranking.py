"""Which products one person is shown: partners of what is in the basket, then of what was bought before. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from personalization.recommendations.fitting import AlsoBought

# What somebody bought before says less about this parcel than what is in it.
EARLIER: Final = 0.5


def rank(
    model: AlsoBought, basket: Collection[str], earlier: Collection[str], eligible: Collection[str], *, popular: bool
) -> Iterator[str]:
    """Yield SKUs, the best first: never one of the basket or of earlier purchases, only eligible ones.

    Scores of several partners add up; equal ones go by SKU. With `popular`, what sells best follows.
    """
    had = {*basket, *earlier}
    scores: Mapping[str, float] = _score(model, basket, earlier, had)
    shown = set(had)
    for sku in sorted(scores, key=lambda found: (-scores[found], found)):
        if sku in eligible:
            shown.add(sku)
            yield sku
    for sku in model.popular if popular else ():
        if sku in eligible and sku not in shown:
            yield sku


def _score(
    model: AlsoBought, basket: Collection[str], earlier: Collection[str], had: Collection[str]
) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for weight, seeds in ((1.0, sorted(set(basket))), (EARLIER, sorted(set(earlier) - set(basket)))):
        for seed in seeds:
            for other, score in model.partners.get(seed, ()):
                if other not in had:
                    scores[other] += weight * score
    return scores


def list_candidates(model: AlsoBought, seeds: Collection[str], *, popular: bool) -> set[str]:
    """Return every SKU that `rank` might yield for somebody who has these."""
    found = {other for seed in seeds for other, _ in model.partners.get(seed, ())}
    return found | set(model.popular) if popular else found
