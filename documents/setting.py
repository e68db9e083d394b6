"""What elements are compiled with, and what a compiled element is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from documents.ink import Ink
from documents.slots import Slot
from documents.templates import AnyElement
from documents.typesetting import TypeStyle

# Slot → text as it is printed, rows of such texts, or a picture's bytes; None or nothing for what is absent.
Values = Mapping[str, Any]
# Draws at a distance (points) below the setting's top; returns the height used, None when the element is not shown.
Draw = Callable[[Values, Ink, float], float | None]
FLAG = "flag:"
# A key that every copy's values have, without a value: what literal texts look at.
ALWAYS_ABSENT = ""


class Watch(Protocol):
    """Follows where each element comes to stand, for the designer's preview; printing has none."""

    def draw(self, element: AnyElement, setting: "Setting", draw: Draw) -> Draw:
        """Return what draws the element in the place of `draw`."""

    def cut(self, element: AnyElement, cut: Callable[[Values], list[Any]]) -> Callable[[Values], list[Any]]:
        """Return what cuts an element of the flow into strips in the place of `cut`."""

    def paginate(self, flow: Any, strips: list[Any]) -> list[tuple[Any, ...]]:
        """Set strips onto pages."""

    def page(self, ink: Ink, placements: tuple[Any, ...]) -> None:
        """Take note of a page that is complete."""


@dataclass(frozen=True)
class Setting:
    """`left` and `top`, in points from the bottom left of the page or strip, are where the elements' (0, 0) lies."""

    styles: Mapping[str, TypeStyle]
    slots: Mapping[str, Slot]
    left: float = 0.0
    top: float = 0.0
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    watch: Watch | None = None

    def moved(self, x: float) -> "Setting":
        return replace(self, left=self.left + x)


def list_conditions(element: AnyElement) -> list[str]:
    """Return the keys of the values without which the element is not shown."""
    flag = None if element.show_if_flag is None else FLAG + element.show_if_flag
    return [key for key in (element.show_if_slot, flag) if key is not None]


def guard(element: AnyElement, draw: Draw) -> Draw:
    """Return `draw` for an element that is shown only with its slot present and its flag set."""
    conditions = list_conditions(element)
    if not conditions:
        return draw

    def draw_if_shown(values: Values, ink: Ink, y: float) -> float | None:
        for key in conditions:
            if values.get(key) is None:
                return None
        return draw(values, ink, y)

    return draw_if_shown
