"""What a fact is: key, type, unit, words, parameters, where it comes from and how it is taken as of a moment."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from personalization.columns import FactType


class AsOf(StrEnum):
    """How the past is looked at. A live decision takes what is recorded; a backtest what was known at its moment."""

    RECORDED = "recorded"
    KNOWN = "known"


class Source(StrEnum):
    """Where the value is read, and with it what "as of a moment" means."""

    REQUEST = "request"
    ORDER = "order"
    CUSTOMER = "customer"
    TOUCHPOINTS = "touchpoints"
    ALLOTMENTS = "allotments"
    CLOCK = "clock"
    MODEL = "model"


AS_OF_WORDS = {
    Source.REQUEST: ("判定の依頼どおり", "as the request says"),
    Source.ORDER: ("記録されている注文の内容", "the order as it is recorded"),
    Source.CUSTOMER: ("その時点で有効な最新の値", "the latest value in force at the moment"),
    Source.TOUCHPOINTS: (
        "その時点までに起き、取り消されていない接点。バックテストではその時点で知り得たものだけ",
        "touchpoints that occurred by the moment and are not cancelled; in a backtest only those known by then",
    ),
    Source.ALLOTMENTS: ("その時点までに実際に梱包されたもの", "what was really packed by the moment"),
    Source.CLOCK: ("店舗の時間帯での判定時刻", "the moment of the decision in the shop's time zone"),
    Source.MODEL: (
        "その時点までの購入と、その時点より前に知り得たことだけで作られた最新のモデル。モデルがなければ不明",
        "purchases as above, and the newest model fitted only on what was known before the moment; unknown without one",
    ),
}


# These speak of a person.
PERSONAL_GROUPS = frozenset({"customer", "history", "prediction"})


class ParameterType(StrEnum):
    DAYS = "days"
    TEXT = "text"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a counting question may be narrowed by."""

    key: str
    type: ParameterType
    ja: str
    en: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    ja: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One entry of the catalogue; `key` begins with its group and a dot. `minimum` and `maximum` bound numbers."""

    key: str
    type: FactType
    ja: str
    en: str
    about_ja: str
    about_en: str
    source: Source
    example: Any
    unit: str | None = None
    parameters: tuple[Parameter, ...] = ()
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]

    @property
    def is_personal(self) -> bool:
        """Whether it speaks of a person, so that audience, purpose and gift rules apply."""
        return self.group in PERSONAL_GROUPS

    def find_parameter(self, key: str) -> Parameter | None:
        return next((p for p in self.parameters if p.key == key), None)
