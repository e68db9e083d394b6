"""How well a colour stands out against another (WCAG 2.2, 1.4.3): paper is read like a screen."""

from typing import Final

_LARGE: Final = 18.0
_LARGE_BOLD: Final = 14.0


def find_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rrggbb), from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_ratio(size: float, *, bold: bool) -> float:
    """Return the ratio that text of this size in points needs."""
    return 3.0 if size >= (_LARGE_BOLD if bold else _LARGE) else 4.5


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
