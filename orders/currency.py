"""Amounts of money as integers in the smallest unit of their currency (ISO 4217). Pure."""

from decimal import Decimal, InvalidOperation
from typing import Final

from core.tabular.cells import ungroup

_NO_DECIMALS: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THREE_DECIMALS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
LARGEST_AMOUNT: Final = 10**15


def count_decimals(currency: str) -> int:
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def parse_amount(text: str, currency: str) -> int:
    """Read a decimal string such as "1980", "1980.00" or "-19.80".

    Raises ValueError("not_an_amount" | "too_precise" | "out_of_range").
    """
    try:
        value = Decimal(ungroup(text.strip()))
        scaled = value.scaleb(count_decimals(currency))
        whole = scaled.to_integral_value()
    except InvalidOperation:
        raise ValueError("not_an_amount") from None
    if not value.is_finite():
        raise ValueError("not_an_amount")
    if whole != scaled:
        raise ValueError("too_precise")
    if abs(whole) > LARGEST_AMOUNT:
        raise ValueError("out_of_range")
    return int(whole)
