"""What a scan means: pure, over a world of parcels and their expected units. The rules stand in docs/verification.md.

The bench's `station/verify.ts` decides the same; both run `tests/fulfillment/verification_cases.json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from fulfillment.packing.reading import read_keys

COPY_KINDS = frozenset({"slip", "document", "label"})


class Standing(StrEnum):
    """One word for what may be done with a parcel; the first that applies."""

    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    HELD = "held"
    CHANGED = "changed"
    CARE_FLAG = "care_flag"
    PACKED = "packed"
    READY = "ready"


class ScanOutcome(StrEnum):
    PARCEL_OPENED = "parcel_opened"
    ACCEPTED = "accepted"
    LABEL_BOUND = "label_bound"
    SET_ASIDE = "set_aside"
    REPEATED = "repeated"
    UNKNOWN = "unknown"
    NO_PARCEL = "no_parcel"
    WRONG_ITEM = "wrong_item"
    TOO_MANY = "too_many"
    BELONGS_TO_OTHER_PARCEL = "belongs_to_other_parcel"
    WRONG_SESSION = "wrong_session"
    VOID_COPY = "void_copy"
    INCOMPLETE = "incomplete"
    ALREADY_PACKED = "already_packed"
    ALREADY_SHIPPED = "already_shipped"
    HELD = "held"
    CANCELLED = "cancelled"
    CHANGED_SINCE_PRINT = "changed_since_print"
    CARE_FLAG = "care_flag"


O = ScanOutcome  # noqa: E741 (the table below reads better short)
ACCEPTED = frozenset({O.PARCEL_OPENED, O.ACCEPTED, O.LABEL_BOUND, O.SET_ASIDE})
REFUSAL_OF_STANDING = {
    Standing.SHIPPED: O.ALREADY_SHIPPED,
    Standing.CANCELLED: O.CANCELLED,
    Standing.HELD: O.HELD,
    Standing.CHANGED: O.CHANGED_SINCE_PRINT,
    Standing.CARE_FLAG: O.CARE_FLAG,
    Standing.PACKED: O.ALREADY_PACKED,
}


@dataclass
class ExpectedUnit:
    id: str
    kind: str
    keys: frozenset[str]
    quantity: int
    verified: int = 0
    session: str | None = None

    @property
    def is_full(self) -> bool:
        return self.verified >= self.quantity


@dataclass
class ExpectedParcel:
    id: str
    units: list[ExpectedUnit]
    standing: Standing = Standing.READY
    session: str | None = None
    avoid: frozenset[str] = frozenset()

    def lacks_anything_but(self, unit: ExpectedUnit | None = None) -> bool:
        """Tell whether any other unit is still to be verified."""
        return any(not other.is_full for other in self.units if other is not unit)

    @property
    def has_label(self) -> bool:
        return any(unit.kind == "label" for unit in self.units)


@dataclass(frozen=True)
class Item:
    """A known product or insert, whether or not a parcel here expects it."""

    keys: frozenset[str]
    session: str | None = None


@dataclass
class World:
    parcels: Mapping[str, ExpectedParcel]
    session: str | None = None
    void: frozenset[str] = frozenset()
    items: tuple[Item, ...] = ()
    judged: dict[str, ScanOutcome] = field(default_factory=dict)

    @cached_property
    def copies(self) -> dict[str, tuple[ExpectedParcel, ExpectedUnit]]:
        return {
            key: (parcel, unit)
            for parcel in self.parcels.values()
            for unit in parcel.units
            if unit.kind in COPY_KINDS
            for key in unit.keys
        }

    @cached_property
    def known_items(self) -> dict[str, Item]:
        """Every item by key; what a parcel expects is known as well as what no parcel does."""
        expected = (
            Item(unit.keys, unit.session)
            for parcel in self.parcels.values()
            for unit in parcel.units
            if unit.kind not in COPY_KINDS
        )
        return {key: item for item in (*expected, *self.items) for key in item.keys}


@dataclass(frozen=True)
class ScanRequest:
    """`text` was scanned, or `by_hand` names a unit, or the parcel is `set_aside`; `parcel` is the one open at the
    bench. `refused`: what the bench told the packer, when it told no.
    """

    id: str
    parcel: str | None = None
    text: str = ""
    by_hand: str | None = None
    set_aside: bool = False
    refused: ScanOutcome | None = None


@dataclass(frozen=True)
class Judgement:
    outcome: ScanOutcome
    parcel: str | None = None
    unit: str | None = None
    original: ScanOutcome | None = None

    @property
    def is_accepted(self) -> bool:
        return self.outcome in ACCEPTED


def judge(world: World, scan: ScanRequest) -> Judgement:
    """Decide one scan and, when it is accepted, count it in the world.

    A slip that was verified before opens its parcel again, without counting twice.
    """
    if scan.id in world.judged:
        return Judgement(O.REPEATED, scan.parcel, original=world.judged[scan.id])
    # A packer who was told no has taken the thing out again: it must not count, whatever it would be now.
    judgement = Judgement(scan.refused, scan.parcel) if scan.refused else _decide(world, scan)
    world.judged[scan.id] = judgement.outcome
    if judgement.is_accepted and judgement.unit is not None and judgement.parcel is not None:
        _count(world.parcels[judgement.parcel], judgement)
    return judgement


def _count(parcel: ExpectedParcel, judgement: Judgement) -> None:
    unit = next(unit for unit in parcel.units if unit.id == judgement.unit)
    if not unit.is_full:
        unit.verified += 1
    if judgement.outcome is O.LABEL_BOUND:
        parcel.standing = Standing.PACKED


def _decide(world: World, scan: ScanRequest) -> Judgement:
    parcel = world.parcels.get(scan.parcel) if scan.parcel else None
    if scan.parcel and parcel is None:
        return Judgement(O.UNKNOWN)
    if scan.set_aside:
        return _set_aside(parcel)
    if scan.by_hand is not None:
        return _decide_by_hand(parcel, scan.by_hand)
    keys = read_keys(scan.text)
    if parcel is not None and parcel.standing is not Standing.READY:
        return Judgement(_refuse_standing(parcel, keys), parcel.id)
    # Rules 3 to 6: the first key that anything knows decides what was scanned.
    found = (_look_up(world, parcel, key) for key in keys)
    return next((judgement for judgement in found if judgement), Judgement(O.UNKNOWN, scan.parcel))


def _look_up(world: World, parcel: ExpectedParcel | None, key: str) -> Judgement | None:
    if key in world.void:
        return Judgement(O.VOID_COPY, parcel.id if parcel else None)
    if key in world.copies:
        return _decide_copy(world, parcel, *world.copies[key])
    if key in world.known_items:
        return _decide_item(parcel, world.known_items[key], key)
    return Judgement(O.CARE_FLAG, parcel.id) if parcel is not None and key in parcel.avoid else None


def _set_aside(parcel: ExpectedParcel | None) -> Judgement:
    if parcel is None:
        return Judgement(O.NO_PARCEL)
    return Judgement(O.ALREADY_SHIPPED if parcel.standing is Standing.SHIPPED else O.SET_ASIDE, parcel.id)


def _refuse_standing(parcel: ExpectedParcel, keys: list[str]) -> ScanOutcome:
    if parcel.standing is Standing.PACKED:
        own_label = any(unit.kind == "label" and not unit.keys.isdisjoint(keys) for unit in parcel.units)
        return O.REPEATED if own_label else O.ALREADY_PACKED
    return REFUSAL_OF_STANDING[parcel.standing]


def _decide_by_hand(parcel: ExpectedParcel | None, unit_id: str) -> Judgement:
    if parcel is None:
        return Judgement(O.UNKNOWN)
    unit = next((unit for unit in parcel.units if unit.id == unit_id), None)
    if parcel.standing is not Standing.READY:
        return Judgement(_refuse_standing(parcel, sorted(unit.keys) if unit else []), parcel.id)
    if unit is None:
        return Judgement(O.UNKNOWN, parcel.id)
    if unit.kind in COPY_KINDS:
        return _decide_own_copy(parcel, unit)
    if not unit.keys.isdisjoint(parcel.avoid):
        return Judgement(O.CARE_FLAG, parcel.id, unit.id)
    return Judgement(O.TOO_MANY, parcel.id, unit.id) if unit.is_full else _accept(parcel, unit)


def _decide_copy(world: World, parcel: ExpectedParcel | None, owner: ExpectedParcel, unit: ExpectedUnit) -> Judgement:
    if parcel is None:
        return _open_parcel(world, owner, unit)
    if owner is parcel:
        return _decide_own_copy(parcel, unit)
    differ = parcel.session is not None and owner.session is not None and parcel.session != owner.session
    return Judgement(O.WRONG_SESSION if differ else O.BELONGS_TO_OTHER_PARCEL, parcel.id)


def _open_parcel(world: World, owner: ExpectedParcel, unit: ExpectedUnit) -> Judgement:
    if unit.kind == "label" and owner.standing is Standing.PACKED:
        return Judgement(O.REPEATED, owner.id)
    if unit.kind != "slip":
        return Judgement(O.NO_PARCEL)
    if owner.standing is not Standing.READY:
        return Judgement(REFUSAL_OF_STANDING[owner.standing], owner.id)
    if world.session is not None and owner.session is not None and world.session != owner.session:
        return Judgement(O.WRONG_SESSION, owner.id)
    return Judgement(O.PARCEL_OPENED, owner.id, unit.id)


def _decide_own_copy(parcel: ExpectedParcel, unit: ExpectedUnit) -> Judgement:
    if unit.is_full:
        return Judgement(O.REPEATED, parcel.id, unit.id)
    if unit.kind == "label" and parcel.lacks_anything_but(unit):
        return Judgement(O.INCOMPLETE, parcel.id, unit.id)
    return _accept(parcel, unit)


def _accept(parcel: ExpectedParcel, unit: ExpectedUnit) -> Judgement:
    """The label, or the last unit of a parcel that has no label, finishes the parcel."""
    last_of_unlabelled = (
        not parcel.has_label and unit.verified + 1 >= unit.quantity and not parcel.lacks_anything_but(unit)
    )
    outcome = O.LABEL_BOUND if unit.kind == "label" or last_of_unlabelled else O.ACCEPTED
    return Judgement(outcome, parcel.id, unit.id)


def _decide_item(parcel: ExpectedParcel | None, item: Item, key: str) -> Judgement:
    if parcel is None:
        return Judgement(O.NO_PARCEL)
    if key in parcel.avoid or not item.keys.isdisjoint(parcel.avoid):
        return Judgement(O.CARE_FLAG, parcel.id)
    wanted = [unit for unit in parcel.units if unit.kind not in COPY_KINDS and key in unit.keys]
    for unit in wanted:
        if not unit.is_full:
            return _accept(parcel, unit)
    if wanted:
        return Judgement(O.TOO_MANY, parcel.id, wanted[0].id)
    differ = item.session is not None and parcel.session is not None and item.session != parcel.session
    return Judgement(O.WRONG_SESSION if differ else O.WRONG_ITEM, parcel.id)
