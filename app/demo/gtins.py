"""Barcodes of the sample goods: GTIN-13 with valid check digits.

The face shop uses 456995111, the company prefix GS1 Japan prints in its own examples; the volume shop an invented 4500.
"""

from typing import Final

FACE_PREFIX: Final = "456995111"
VOLUME_PREFIX: Final = "4500"


def check_digit(body: str) -> str:
    """Return the GS1 modulo-10 digit of a body of digits: weights 3, 1, 3 … from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def make_gtin13(prefix: str, number: int) -> str:
    """Return prefix, number and check digit as 13 digits; raises ValueError when the number does not fit."""
    room = 12 - len(prefix)
    if not 0 <= number < 10**room:
        raise ValueError(f"{number} does not fit behind prefix {prefix}: {room} digits are free")
    body = f"{prefix}{number:0{room}d}"
    return body + check_digit(body)
