"""From scanned text to keys. The rules stand in docs/verification.md; the bench's TypeScript has the same ones.

GS1 General Specifications (check digit, element strings), GS1 Digital Link, AIM symbology identifiers.
"""

import re
import unicodedata
from collections.abc import Iterator

from core.codes import is_code

# What a Japanese input method makes of a scanner's ASCII.
_IME = str.maketrans({"ー": "-", "。": ".", "・": "/", "−": "-"} | {chr(c): "-" for c in range(0x2010, 0x2016)})
_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9]")
_CONTROL = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")
_CODE_IN_ADDRESS = re.compile(r"(?:^|/)[cC]/([0-9A-Za-z]{13})(?:$|[?#/])")
_DIGITAL_LINK = re.compile(r"/01/([0-9]{14}|[0-9]{13}|[0-9]{12}|[0-9]{8})(?:$|[?#/])")
_CODABAR = re.compile(r"^[A-Da-d]([0-9]{6,})[A-Da-d]$")
_GROUPED_DIGITS = re.compile(r"^[0-9]+(?:[- ]+[0-9]+)+$")
_GTIN_LENGTHS = (8, 12, 13, 14)


def read_keys(text: str) -> list[str]:
    """Return the keys a scan may mean, likeliest first, without repeats; none for an empty scan."""
    plain = clean_scan(text)
    return list(dict.fromkeys(_find_keys(plain))) if plain else []


def clean_scan(text: str) -> str:
    """Return the text as a scanner in ASCII would have typed it: half-width, without symbology prefix and control
    characters.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_IME)
    plain = _CONTROL.sub("", plain).strip(" ")
    return _CONTROL.sub("", _SYMBOLOGY.sub("", plain)).strip(" ")


def _find_keys(plain: str) -> Iterator[str]:
    is_address = plain.lower().startswith("http")
    if (found := _CODE_IN_ADDRESS.search(plain)) and (code := _read_code(found.group(1))):
        yield code
    if gtin := _find_gtin(plain):
        yield gtin
    if codabar := _CODABAR.match(plain):
        yield codabar.group(1)
    if _GROUPED_DIGITS.match(plain):
        yield re.sub(r"[- ]", "", plain)
    if not is_address and (code := _read_code(re.sub(r"[- ]", "", plain))):
        yield code
    whole = re.sub(r"\s+", " ", plain.replace("\x1d", "")).strip().upper()
    if whole:
        yield whole


def _read_code(text: str) -> str | None:
    code = text.upper().translate(str.maketrans("OIL", "011"))
    return code if is_code(code) else None


def _find_gtin(plain: str) -> str | None:
    if found := _DIGITAL_LINK.search(plain):
        return normalise_gtin(found.group(1))
    if found := re.match(r"^\(01\)([0-9]{14})", plain):
        return normalise_gtin(found.group(1))
    if len(plain) >= 16 and (found := re.match(r"^01([0-9]{14})", plain)):
        return normalise_gtin(found.group(1))
    return normalise_gtin(re.sub(r"[- ]", "", plain))


def normalise_gtin(digits: str) -> str | None:
    """Return a GTIN-8, -12, -13 or -14 padded to 14 digits, or None when it is none or its check digit is wrong."""
    if len(digits) not in _GTIN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return digits.zfill(14) if total % 10 == 0 else None
