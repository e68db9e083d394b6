"""Named sizes of paper and labels, in millimetres, portrait. Pure.

ISO 216 (A), JIS P 0138 (B), Japan Post (はがき, 往復はがき), ANSI (Letter); rolls as label printers take them.
"""

FORMATS: dict[str, tuple[float, float]] = {
    "a3": (297, 420),
    "a4": (210, 297),
    "a5": (148, 210),
    "a6": (105, 148),
    "b4": (257, 364),
    "b5": (182, 257),
    "b6": (128, 182),
    "hagaki": (100, 148),
    "double_hagaki": (148, 200),
    "letter": (215.9, 279.4),
    "business_card": (55, 91),
    "roll_62x100": (62, 100),
    "roll_100x100": (100, 100),
    "roll_100x150": (100, 150),
    "roll_102x152": (101.6, 152.4),
}


def resolve_format(name: str, orientation: str) -> tuple[float, float] | None:
    """Return width and height of a named format; None when there is no such name."""
    size = FORMATS.get(name)
    return size[::-1] if size and orientation == "landscape" else size
