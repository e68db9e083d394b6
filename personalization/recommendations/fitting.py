"""Co-purchase lifts from baskets: which products are bought together more often than by chance. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

# Fewer baskets together than this prove nothing (and could tell of one person).
LEAST_TOGETHER: Final = 3
PARTNERS: Final = 20
POPULAR: Final = 200
MOST_PRODUCTS: Final = 5000
CHUNK: Final = 20_000
# Pairs expected this often or less are pulled towards "no relation": a rare pair's lift is mostly chance.
DAMPING: Final = 5.0


@dataclass(frozen=True, slots=True)
class AlsoBought:
    """`partners`: SKU → (other SKU, score), the best first; `popular`: SKUs by the number of baskets that held them.

    The score is the logarithm of the damped lift, (n(ab) + 5) / (n(a)·n(b)/N + 5); above 0 is above chance.
    """

    baskets: int
    partners: Mapping[str, Sequence[tuple[str, float]]]
    popular: Sequence[str]


def fit(baskets: Sequence[Sequence[str]]) -> AlsoBought:
    """Return the model of these baskets, each a list of SKUs. Lift: Brin, Motwani, Ullman and Tsur (1997).

    A pair counts once per basket. Only the 5,000 products that are bought most often get partners.
    """
    lines = pd.DataFrame(
        {
            "basket": np.repeat(np.arange(len(baskets)), [len(skus) for skus in baskets]),
            "sku": [sku for skus in baskets for sku in skus],
        }
    ).drop_duplicates()
    counts = lines["sku"].value_counts()
    # Equal counts in the order of the SKU: the same baskets, the same model.
    ranked = counts.to_frame("count").reset_index().sort_values(["count", "sku"], ascending=[False, True])
    skus = ranked["sku"].to_numpy()[:MOST_PRODUCTS]
    if len(skus) == 0:
        return AlsoBought(len(baskets), {}, ())
    numbers = ranked["count"].to_numpy()[: len(skus)].astype(np.float64)
    pairs = _count_pairs(lines, skus)
    return AlsoBought(len(baskets), _rank_partners(pairs, skus, numbers, len(baskets)), tuple(skus[:POPULAR]))


def _count_pairs(lines: pd.DataFrame, skus: Any) -> pd.Series:
    """Return how many baskets held both, by a · size + b for every ordered pair a ≠ b of product numbers."""
    size = len(skus)
    number = pd.Series(np.arange(size), index=skus)
    known = lines[lines["sku"].isin(number.index)]
    known = pd.DataFrame({"basket": known["basket"].to_numpy(), "item": number[known["sku"]].to_numpy()})
    total = pd.Series(dtype=np.int64)
    for start in range(0, int(lines["basket"].max()) + 1, CHUNK):
        part = known[(known["basket"] >= start) & (known["basket"] < start + CHUNK)]
        both = part.merge(part, on="basket")
        both = both[both["item_x"] != both["item_y"]]
        codes = both["item_x"].to_numpy() * size + both["item_y"].to_numpy()
        found, times = np.unique(codes, return_counts=True)
        total = total.add(pd.Series(times, index=found), fill_value=0)
    return total


def _rank_partners(pairs: pd.Series, skus: Any, numbers: Any, baskets: int) -> dict[str, tuple[tuple[str, float], ...]]:
    pairs = pairs[pairs >= LEAST_TOGETHER]
    if pairs.empty:
        return {}
    first, second = np.divmod(pairs.index.to_numpy().astype(np.int64), len(skus))
    expected = numbers[first] * numbers[second] / baskets
    score = np.log((pairs.to_numpy() + DAMPING) / (expected + DAMPING))
    table = pd.DataFrame({"first": first, "second": second, "score": score})
    table = table[table["score"] > 0].sort_values(["first", "score", "second"], ascending=[True, False, True])
    table = table.groupby("first").head(PARTNERS)
    return {
        str(skus[item]): tuple(
            (str(skus[other]), round(float(value), 4))
            for other, value in zip(group["second"], group["score"], strict=True)
        )
        for item, group in table.groupby("first")
    }


def dump(model: AlsoBought) -> dict[str, Any]:
    return {
        "baskets": model.baskets,
        "partners": {sku: [list(pair) for pair in pairs] for sku, pairs in model.partners.items()},
        "popular": list(model.popular),
    }


def load(stored: Mapping[str, Any]) -> AlsoBought:
    partners = {sku: tuple((other, score) for other, score in pairs) for sku, pairs in stored["partners"].items()}
    return AlsoBought(stored["baskets"], partners, tuple(stored["popular"]))
