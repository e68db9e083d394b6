"""Reads outside JSON field by field and gathers every fault with its path. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

from orders.currency import LARGEST_AMOUNT, parse_amount
from orders.faults import Fault

Kind = TypeVar("Kind", bound=StrEnum)
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEEPEST: Final = 20


def clean_text(value: str) -> str:
    """Drop what PostgreSQL text cannot hold (NUL, lone surrogates) and other control characters but tab and line
    ends.
    """
    cleaned = value.translate(_CONTROL).strip()
    return cleaned if cleaned.isascii() else cleaned.encode("utf-8", "replace").decode()


def clean_value(value: Any, depth: int = DEEPEST) -> Any:
    """Clean every text inside a JSON value; integers that no database holds become text.

    Raises ValueError("too_deep").
    """
    if depth < 0:
        raise ValueError("too_deep")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean_value(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_value(item, depth - 1) for key, item in value.items()}
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value) if abs(value) < 10**100 else "∞"
    return value


def parse_moment(text: str) -> datetime:
    """Read ISO 8601 with an offset; raises ValueError("not_a_moment" | "no_offset")."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("not_a_moment") from None
    if moment.tzinfo is None:
        raise ValueError("no_offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out_of_range") from None


class Reader:
    """One JSON object and its path. A faulty value is noted and read as absent, so that all faults are found at
    once.
    """

    __slots__ = ("_path", "_values", "faults")

    def __init__(self, values: Any, path: str = "", faults: list[Fault] | None = None) -> None:
        self.faults: list[Fault] = [] if faults is None else faults
        self._path = path
        if not isinstance(values, Mapping):
            self.faults.append(Fault(path or "$", "not_an_object"))
            values = {}
        self._values: Mapping[str, Any] = values

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def names(self, key: str) -> bool:
        """True when the key is there, if only with null."""
        return key in self._values

    def raw(self, key: str) -> Any:
        return self._values.get(key)

    def note(self, key: str, code: str, detail: str = "") -> None:
        self.faults.append(Fault(self._path + key, code, detail))

    def text(self, key: str, *, required: bool = False, limit: int = 2000) -> str | None:
        """Empty text counts as absent; whole numbers are taken as text, since ids arrive as both."""
        value = self._values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is not None and not isinstance(value, str):
            self.note(key, "not_text")
            return None
        cleaned = clean_text(value) if value else ""
        if len(cleaned) > limit:
            self.note(key, "too_long", f"{len(cleaned)} > {limit}")
            return None
        if required and not cleaned:
            self.note(key, "missing")
        return cleaned or None

    def needed(self, key: str, *, limit: int = 200) -> str:
        return self.text(key, required=True, limit=limit) or ""

    def integer(self, key: str, *, default: int | None = None, low: int = 0, high: int = LARGEST_AMOUNT) -> int | None:
        value = self._values.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(key, "not_a_number")
            return default
        if not low <= value <= high:
            self.note(key, "out_of_range", f"{low}..{high}")
            return default
        return value

    def amount(self, key: str, currency: str, *, required: bool = False) -> int:
        """Read a decimal string (or a JSON number) of the currency's main unit into its smallest unit."""
        value = self._values.get(key)
        if value is None or value == "":
            if required:
                self.note(key, "missing")
            return 0
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.note(key, "not_an_amount")
            return 0
        try:
            return parse_amount(str(value), currency)
        except ValueError as error:
            self.note(key, str(error))
            return 0

    def rate(self, key: str) -> Decimal | None:
        """Read a tax rate: 0.08 means 8 %."""
        value = self._values.get(key)
        if value is None or value == "":
            return None
        try:
            rate = Decimal(str(value))
        except InvalidOperation:
            rate = Decimal("NaN")
        if isinstance(value, bool) or not rate.is_finite():
            self.note(key, "not_a_number")
            return None
        if not 0 <= rate < 1 or rate != round(rate, 5):
            self.note(key, "out_of_range", "0 <= rate < 1")
            return None
        return rate

    def moment(self, key: str, *, required: bool = False) -> datetime | None:
        text = self.text(key, required=required, limit=40)
        if text is None:
            return None
        try:
            return parse_moment(text)
        except ValueError as error:
            self.note(key, str(error))
            return None

    def needed_moment(self, key: str) -> datetime:
        return self.moment(key, required=True) or EPOCH

    def day(self, key: str) -> date | None:
        text = self.text(key, limit=10)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.note(key, "not_a_date")
            return None

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(key, "not_a_flag")
            return default
        return value

    def choice(self, key: str, kind: type[Kind], default: Kind) -> Kind:
        return self.find_choice(key, kind) or default

    def find_choice(self, key: str, kind: type[Kind]) -> Kind | None:
        text = self.text(key, limit=100)
        if text is None:
            return None
        try:
            return kind(text)
        except ValueError:
            self.note(key, "unknown_value", ", ".join(kind))
            return None

    def inside(self, key: str) -> "Reader | None":
        """Return a reader of the object under `key`; None when absent or null."""
        value = self._values.get(key)
        return None if value is None else Reader(value, f"{self._path}{key}.", self.faults)

    def items(self, key: str, *, required: bool = False) -> "Iterator[Reader]":
        """Yield a reader for each object of a list; an absent list is empty, unless required."""
        value = self._values.get(key)
        if value is None and not required:
            return
        if not isinstance(value, list):
            self.note(key, "missing" if value is None else "not_a_list")
            return
        for index, item in enumerate(value):
            yield Reader(item, f"{self._path}{key}[{index}].", self.faults)

    def texts(self, key: str, *, limit: int = 200) -> tuple[str, ...]:
        """Read a list of texts; empty ones are dropped."""
        value = self._values.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.note(key, "not_a_list")
            return ()
        return tuple(text for text in (clean_text(item)[:limit] for item in value) if text)

    def mapping(self, key: str) -> dict[str, Any]:
        """Read an object of plain values as it is, cleaned."""
        value = self._values.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(key, "not_an_object")
            return {}
        try:
            return dict(clean_value(value))
        except ValueError as error:
            self.note(key, str(error))
            return {}
