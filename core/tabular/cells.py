"""From the text of a cell to a value: what people and Excel write for numbers, money, dates, yes and no. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from core.tabular.errors import CellError
from core.tabular.importer import ImportContext

Choice = TypeVar("Choice")
_EXCEL_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)
# A quote that we put before a cell so that a spreadsheet does not run it (see `reporting`), on its way back; Shopify's
# export puts one before numbers.
_GUARDED: Final = re.compile(r"'(?=[=+\-@\t\r]|[0-9]+$)")
_EDGES: Final = " \t\r\n\u3000\u00a0\u200b\ufeff"
_NUMBER: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]+")
_THOUSANDS: Final = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_DATE: Final = re.compile(r"(?P<year>[0-9]{4})(?:[-/.年] ?)(?P<month>[0-9]{1,2})(?:[-/.月] ?)(?P<day>[0-9]{1,2})日?")
_COMPACT_DATE: Final = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_ERA_DATE: Final = re.compile(
    r"(?P<era>令和|平成|昭和|大正|[RHST])(?P<year>[0-9]{1,2}|元)[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?",
    re.IGNORECASE,
)
# The year before the first year of each era.
_ERAS: Final = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "大正": 1911, "T": 1911}
_TIME: Final = re.compile(
    r"(?:T| +)?(?P<hour>[0-9]{1,2})[:時](?P<minute>[0-9]{1,2})分?(?::?(?P<second>[0-9]{1,2})(?:\.[0-9]+)?秒?)? ?"
    r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YES: Final = frozenset(
    {"true", "yes", "y", "on", "1", "○", "〇", "◯"}
    | {"はい", "有", "有り", "あり", "可", "済", "済み", "する", "希望する", "受け取る"}
)
_NO: Final = frozenset(
    {"false", "no", "n", "off", "0", "×", "✕"}
    | {"いいえ", "無", "無し", "なし", "不可", "未", "しない", "希望しない", "受け取らない"}
)
# Minor units of currencies that are not hundredths (ISO 4217).
_MINOR_DIGITS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "JOD": 3, "TND": 3}


def clean_cell(raw: str) -> str:
    """Return the content: Excel's ="…" unwrapped, our own guard taken off, spaces of every kind trimmed."""
    trimmed = raw.strip(_EDGES)
    wrapped = _EXCEL_TEXT.fullmatch(trimmed)
    if wrapped:
        trimmed = wrapped.group(1).replace('""', '"').strip(_EDGES)
    return _GUARDED.sub("", trimmed, count=1) if trimmed.startswith("'") else trimmed


def fold(text: str) -> str:
    """Return the text with full-width letters, digits and signs made half-width."""
    return unicodedata.normalize("NFKC", text).translate(str.maketrans("‐‑‒–—―−", "-------")).strip()


def parse_text(text: str, _context: ImportContext) -> str:
    return text


def limit_text(longest: int) -> Callable[[str, ImportContext], str]:
    """Return a parser of texts of at most so many characters."""

    def parse(text: str, _context: ImportContext) -> str:
        if len(text) > longest:
            raise CellError("too_long", f"{longest}文字以内で入力してください。", f"At most {longest} characters.")
        return text

    return parse


def ungroup(text: str) -> str:
    """Return a number without the commas between its thousands. Any other comma stays: 12,5 is not 125."""
    return _THOUSANDS.sub("", text)


def read_decimal(text: str) -> Decimal | None:
    """Return the number that a person wrote: thousands separators and full-width digits are fine; None for none."""
    folded = ungroup(fold(text))
    try:
        return Decimal(folded) if _NUMBER.fullmatch(folded) else None
    except InvalidOperation:
        return None


def parse_decimal(text: str, _context: ImportContext) -> Decimal:
    value = read_decimal(text)
    if value is None:
        raise CellError("not_a_number", f"数値ではありません: {_show(text)}", f"Not a number: {_show(text)}")
    return value


def parse_integer(text: str, context: ImportContext) -> int:
    value = parse_decimal(text, context)
    if value != value.to_integral_value():
        raise CellError("not_whole", f"整数ではありません: {_show(text)}", f"Not a whole number: {_show(text)}")
    return int(value)


def parse_quantity(text: str, context: ImportContext) -> int:
    value = parse_integer(text, context)
    if value < 0:
        raise CellError("negative", f"0以上で入力してください: {_show(text)}", f"Must not be negative: {_show(text)}")
    return value


def parse_money(text: str, context: ImportContext) -> int:
    """Read an amount in the shop's currency; returns its smallest unit (yen, cents)."""
    bare = re.sub(r"^[¥\\$€£]|円$|JPY$|^JPY", "", fold(text)).strip()
    value = parse_decimal(bare, context) if bare else parse_decimal(text, context)
    smallest = value.scaleb(_MINOR_DIGITS.get(context.currency, 2))
    if smallest != smallest.to_integral_value():
        raise CellError(
            "fraction_of_smallest_unit",
            f"{context.currency}の最小単位より細かい金額です: {_show(text)}",
            f"Finer than the smallest unit of {context.currency}: {_show(text)}",
        )
    return int(smallest)


def parse_boolean(text: str, _context: ImportContext) -> bool:
    folded = fold(text).casefold()
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise CellError(
        "not_yes_or_no", f"はい/いいえで判断できません: {_show(text)}", f"Neither yes nor no: {_show(text)}"
    )


def parse_date(text: str, _context: ImportContext) -> date:
    """Read 2026/11/19, 2026-11-19, 20261119, 2026年11月19日 or an era date. A time after it is left aside."""
    day, _ = _split_date(text)
    return day


def parse_moment(text: str, context: ImportContext) -> datetime:
    """Read a date with or without a time; without an offset it is in the shop's time zone, without a time midnight."""
    day, rest = _split_date(text)
    if not rest:
        return datetime.combine(day, time(), context.zone)
    found = _TIME.fullmatch(rest)
    if not found:
        raise _not_a_date(text)
    clock = _make_time(text, found)
    if offset := found["offset"]:
        return datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset == 'Z' else offset}")
    return datetime.combine(day, clock, context.zone)


def parse_list(text: str, _context: ImportContext) -> tuple[str, ...]:
    """Split at commas, semicolons, 読点 and line breaks; empty parts are left out, repeated ones kept once."""
    parts = (part.strip(_EDGES) for part in re.split(r"[,;、，；\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def choose(choices: Mapping[str, Choice]) -> Callable[[str, ImportContext], Choice]:
    """Return a parser of one of these words (compared folded, in lower case)."""
    folded = {fold(word).casefold(): value for word, value in choices.items()}
    listed = ", ".join(choices)

    def parse(text: str, _context: ImportContext) -> Choice:
        try:
            return folded[fold(text).casefold()]
        except KeyError:
            raise CellError(
                "not_a_choice",
                f"次のいずれかで入力してください: {listed}(入力値: {_show(text)})",
                f"Must be one of: {listed} (was {_show(text)})",
            ) from None

    return parse


def _split_date(text: str) -> tuple[date, str]:
    folded = fold(text)
    for pattern in (_DATE, _COMPACT_DATE, _ERA_DATE):
        found = pattern.match(folded)
        if found:
            rest = folded[found.end() :]
            # 20261119 must end there or be followed by a time, or it is no date at all.
            if not (rest and rest[0].isdigit()):
                return _make_date(text, found.groupdict()), re.sub(r"^ ?\(.\)", "", rest).strip()
    raise _not_a_date(text)


def _make_date(text: str, parts: dict[str, Any]) -> date:
    year = 1 if parts["year"] == "元" else int(parts["year"])
    if "era" in parts:
        year += _ERAS[parts["era"].upper()]
    try:
        return date(year, int(parts["month"]), int(parts["day"]))
    except ValueError:
        raise _not_a_date(text) from None


def _make_time(text: str, found: re.Match[str]) -> time:
    try:
        return time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        raise _not_a_date(text) from None


def _not_a_date(text: str) -> CellError:
    return CellError(
        "not_a_date",
        f"日付として読めません(例: 2026/11/19): {_show(text)}",
        f"Not a date (write 2026/11/19): {_show(text)}",
    )


def _show(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
