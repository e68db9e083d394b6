"""What was chosen for one shipment and what lost, with its reason. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

Texts = Mapping[str, str]  # language → text


class ActionKind(StrEnum):
    ENCLOSE = "enclose"
    TASK = "task"
    LETTER = "letter"
    SLIP = "slip"
    MESSAGE = "message"
    FLAG = "flag"
    TAG = "tag"
    PRIORITY = "priority"
    HOLD = "hold"
    RECOMMEND = "recommend"
    COUPON = "coupon"


class Reason(StrEnum):
    """Why something lost. Stable codes: screens and statistics build on them."""

    PURPOSE_MISSING = "purpose_missing"
    PURPOSE_DENIED = "purpose_denied"
    CARE_FLAG = "care_flag"
    NO_CUSTOMER = "no_customer"
    GIFT_TO_OTHER = "gift_to_other"
    NO_ARM = "no_arm"
    EXPERIMENT_NOT_RUNNING = "experiment_not_running"
    HELD_OUT = "held_out"
    OTHER_ARM = "other_arm"
    NOT_VALID_NOW = "not_valid_now"
    LETTER_NOT_CARRIED = "letter_not_carried"
    LIMIT_PER_CUSTOMER = "limit_per_customer"
    LIMIT_WITHIN_DAYS = "limit_within_days"
    LIMIT_OVERALL = "limit_overall"
    GROUP_TAKEN = "group_taken"
    ALREADY_ENCLOSED = "already_enclosed"
    LETTER_TAKEN = "letter_taken"
    SLIP_TAKEN = "slip_taken"
    SLOT_TAKEN = "slot_taken"
    PRIORITY_TAKEN = "priority_taken"
    FACT_UNKNOWN = "fact_unknown"
    GIFT_VALUE = "gift_value"
    BOX_PIECES = "box_pieces"
    BOX_GRAMS = "box_grams"
    BOX_MILLIMETRES = "box_millimetres"
    BOX_COST = "box_cost"
    OUT_OF_STOCK = "out_of_stock"
    BACK_ORDERED = "back_ordered"
    INSERT_INACTIVE = "insert_inactive"
    IN_FIRST_BOX = "in_first_box"
    CHOSEN_BY_PERSON = "chosen_by_person"
    COMPLAINT_OPEN = "complaint_open"
    COUPON_TAKEN = "coupon_taken"
    COUPON_EXHAUSTED = "coupon_exhausted"
    COUPON_INACTIVE = "coupon_inactive"
    NOTHING_TO_RECOMMEND = "nothing_to_recommend"
    NO_PLACE = "no_place"


@dataclass(frozen=True, slots=True)
class RecommendedProduct:
    sku: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One action that was taken. Which fields are set depends on `kind`; of texts only the print fields are open.

    `rule_key` starts with "system:" for what no rule asked for, but a care flag, a stock policy or an earlier promise.
    """

    rule_key: str
    action: int
    kind: ActionKind
    insert_key: str | None = None
    quantity: int = 1
    substitute_for: str | None = None
    owed_allotment_id: UUID | None = None
    template: str | None = None
    slots: Mapping[str, Texts] = field(default_factory=dict)
    slot: str | None = None
    text: Texts | None = None
    word: str | None = None  # flag or tag
    value: int | None = None  # priority
    products: tuple[RecommendedProduct, ...] = ()
    series: str | None = None
    code: str | None = None  # of a coupon; empty only while a simulation has none to give
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """`action` None: the whole rule lost. `details` holds what a sentence about it needs, e.g. limit and count."""

    rule_key: str
    action: int | None
    reason: Reason
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    fired: tuple[Chosen, ...] = ()
    lost: tuple[Lost, ...] = ()

    def of_kind(self, kind: ActionKind) -> tuple[Chosen, ...]:
        return tuple(chosen for chosen in self.fired if chosen.kind is kind)

    @property
    def enclosures(self) -> tuple[Chosen, ...]:
        """Inserts and tasks."""
        return tuple(c for c in self.fired if c.kind in (ActionKind.ENCLOSE, ActionKind.TASK))

    @property
    def letter(self) -> Chosen | None:
        return next(iter(self.of_kind(ActionKind.LETTER)), None)

    @property
    def slip(self) -> Chosen | None:
        return next(iter(self.of_kind(ActionKind.SLIP)), None)

    @property
    def messages(self) -> Mapping[str, Texts]:
        """Slot → texts."""
        return {c.slot: c.text for c in self.of_kind(ActionKind.MESSAGE) if c.slot is not None and c.text is not None}

    @property
    def recommendations(self) -> Mapping[str, tuple[RecommendedProduct, ...]]:
        """Slot → products."""
        return {c.slot: c.products for c in self.of_kind(ActionKind.RECOMMEND) if c.slot is not None}

    @property
    def coupon(self) -> Chosen | None:
        return next(iter(self.of_kind(ActionKind.COUPON)), None)

    @property
    def flags(self) -> frozenset[str]:
        return frozenset(c.word for c in self.of_kind(ActionKind.FLAG) if c.word is not None)

    @property
    def tags(self) -> frozenset[str]:
        return frozenset(c.word for c in self.of_kind(ActionKind.TAG) if c.word is not None)

    @property
    def priority(self) -> int:
        return next((c.value for c in self.of_kind(ActionKind.PRIORITY) if c.value is not None), 0)

    @property
    def hold_reasons(self) -> tuple[Texts, ...]:
        return tuple(c.text for c in self.of_kind(ActionKind.HOLD) if c.text is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class AllottedInsert:
    """An insert promised to the shipment: what fulfillment expands into units."""

    allotment_id: UUID
    insert_id: UUID
    insert_key: str
    rule_key: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionOutcome:
    """`decision_id` names the stored decision; `allotted` are the reserved inserts and tasks, in plan order."""

    decision_id: UUID
    shipment_id: UUID
    version_id: UUID | None
    plan: Plan
    allotted: tuple[AllottedInsert, ...]
