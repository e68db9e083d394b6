"""GTINs: check digit, and every printed form (JAN-8, JAN-13, UPC-12, ITF-14) as GTIN-14. Pure.

GS1 General Specifications, section 7.9: weights 3 and 1 from the right.
"""

import unicodedata

LENGTHS = frozenset({8, 12, 13, 14})


def compute_check_digit(body: str) -> str:
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body)))
    return str(-total % 10)


def read_gtin(text: str) -> str | None:
    """Return the GTIN-14 of a scan or a cell (full-width digits, spaces and hyphens allowed); None when it is none."""
    digits = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits.zfill(14) if compute_check_digit(digits[:-1]) == digits[-1] else None


def format_jan(gtin: str) -> str:
    """Return the form printed on Japanese goods: 13 digits, or 8 where it is a JAN-8."""
    if gtin.startswith("000000"):
        return gtin[6:]
    return gtin[1:] if gtin.startswith("0") else gtin
