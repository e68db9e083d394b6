"""Where phrases (文節) end, so that a line may end there: as BudouX's model for Japanese says."""

from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

import budoux

_MOST_KEPT = 4096


@cache
def _load_parser() -> Any:
    return budoux.load_default_japanese_parser()


@lru_cache(maxsize=_MOST_KEPT)
def find_phrases(paragraph: str) -> frozenset[int]:
    """Return the places between the phrases of a paragraph."""
    return frozenset(accumulate(map(len, _load_parser().parse(paragraph)))) - {len(paragraph)}
