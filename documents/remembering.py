"""What an element drew for the same values at the same place is used again; what never returns is not kept."""

from operator import itemgetter
from typing import Any

from documents.ink import Ink
from documents.setting import ALWAYS_ABSENT, Draw, Values

# After so many drawings an element that seldom repeated itself is drawn anew each time.
_TRIAL = 48
_MOST_KEPT = 1024


def remember(draw: Draw, keys: tuple[str, ...]) -> Draw:
    """Return `draw` with a memory over the values of `keys`, all that it looks at."""
    get: Any = itemgetter(*keys or (ALWAYS_ABSENT,))
    known: dict[Any, tuple[float | None, Ink]] = {}
    trial = [0, 0]  # drawn, found

    def draw_once(values: Values, ink: Ink, y: float) -> float | None:
        if trial[0] > _TRIAL:
            return draw(values, ink, y)
        key = (y, get(values))
        found = known.get(key)
        if found is None:
            found = known[key] = _draw_apart(draw, values, y)
            trial[0] += 1
            if trial[0] > _TRIAL:
                if trial[1] > trial[0] and len(known) < _MOST_KEPT:
                    trial[0] = trial[1] = 0
                else:
                    known.clear()
        else:
            trial[1] += 1
        height, drawn = found
        if drawn.parts:
            ink.add(drawn)
        return height

    return draw_once


def _draw_apart(draw: Draw, values: Values, y: float) -> tuple[float | None, Ink]:
    ink = Ink()
    return draw(values, ink, y), ink
