"""How money, dates and numbers read in Japanese and English."""

from datetime import date
from functools import lru_cache

from documents.specs import Money

# Digits after the point (ISO 4217); two where not named.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
_SYMBOLS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥", "KRW": "KRW ", "TWD": "NT$"}
_MINUS = "−"
_MONTHS = {
    1: "January",
    2: "February",
    3: "March",
    4: "April",
    5: "May",
    6: "June",
    7: "July",
    8: "August",
    9: "September",
    10: "October",
    11: "November",
    12: "December",
}
DATE_STYLES = ("long", "short")


def format_value(value: Money | date | int, style: str, language: str) -> str:
    if isinstance(value, Money):
        return format_money(value)
    if isinstance(value, date):
        return format_date(value, style, language)
    return f"{value:,}".replace("-", _MINUS)


def format_money(money: Money) -> str:
    """Return for example ¥1,080, −$12.50 or CHF 3.00."""
    if money.currency == "JPY" and money.amount >= 0:
        return f"¥{money.amount:,}"
    exponent = _EXPONENTS.get(money.currency, 2)
    whole, fraction = divmod(abs(money.amount), 10**exponent)
    digits = f"{whole:,}.{fraction:0{exponent}d}" if exponent else f"{whole:,}"
    return f"{_MINUS if money.amount < 0 else ''}{_SYMBOLS.get(money.currency, money.currency + ' ')}{digits}"


@lru_cache(maxsize=4096)
def format_date(day: date, style: str, language: str) -> str:
    """Return 2025年11月21日 or 21 November 2025; short 2025/11/21 in Japanese, 21 Nov 2025 in English."""
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日" if style == "long" else f"{day:%Y/%m/%d}"
    month = _MONTHS[day.month]
    return f"{day.day} {month if style == 'long' else month[:3]} {day.year}"
