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
# The first days of the eras of the Japanese calendar, the latest first.
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))
_TENS = "〇一二三四五六七八九"
DATE_STYLES = ("long", "short", "era")


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
    """Return 2025年11月21日 or 21 November 2025; short 2025/11/21 in Japanese, 21 Nov 2025 in English; by era
    令和七年十一月二十一日, as a letter in columns has it, and in English as long.
    """
    if language == "ja" and style == "era":
        return _format_era(day)
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日" if style == "long" else f"{day:%Y/%m/%d}"
    month = _MONTHS[day.month]
    return f"{day.day} {month[:3] if style == 'short' else month} {day.year}"


def _format_era(day: date) -> str:
    first, era = next((entry for entry in _ERAS if day >= entry[0]), (date(1, 1, 1), "西暦"))
    years = day.year - first.year + 1
    number = "元" if years == 1 and era != "西暦" else _write_number(years)
    return f"{era}{number}年{_write_number(day.month)}月{_write_number(day.day)}日"


def _write_number(number: int) -> str:
    """Return a number in kanji: up to 99 as it is spoken, above figure by figure."""
    if number > 99:
        return "".join(_TENS[int(figure)] for figure in str(number))
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _TENS[tens]) + ("十" if tens else "") + ("" if ones == 0 else _TENS[ones])
