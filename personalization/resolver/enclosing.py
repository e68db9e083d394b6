"""Whether one insert may and can go into one parcel: care, letter law, limits, gift value, box, stock, substitute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from crm_link.kinds import CareKind
from orders.kinds import LetterClass
from personalization.insert_info import InsertInfo, Inserts
from personalization.models import InsertKind, WhenOut
from personalization.plan import Reason
from personalization.requests import DecisionRequest
from personalization.resolver.ledger import Ledger, LimitKey
from personalization.resolver.supplies import NO_SUPPLIES, Supplies
from personalization.rulesets.catalogue import LETTER_ORDER, ServiceInfo, is_carried
from personalization.rulesets.ruleset import BoxLimits


@dataclass(frozen=True, slots=True)
class Obstacle:
    reason: Reason
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Load:
    """What was put into the parcel so far; grams, millimetres of thickness, money in the smallest unit."""

    pieces: int = 0
    grams: float = 0
    millimetres: float = 0
    cost: int = 0
    gift_value: int = 0
    quantities: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "Load":
        return Load(self.pieces, self.grams, self.millimetres, self.cost, self.gift_value, dict(self.quantities))

    def add(self, insert: InsertInfo, quantity: int) -> None:
        self.pieces += count_pieces(insert, quantity)
        self.grams += insert.weight_g * quantity
        self.millimetres += insert.thickness_mm * quantity
        self.cost += insert.unit_cost * quantity
        self.gift_value += insert.market_value * quantity if insert.kind is InsertKind.GIFT else 0
        self.quantities[insert.key] = self.quantities.get(insert.key, 0) + quantity


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for the whole parcel, whichever rule asks. `gift_limit`: most that free gifts may be worth by law."""

    request: DecisionRequest
    inserts: Inserts
    ledger: Ledger
    care: frozenset[str]
    allergies: frozenset[str]
    service: ServiceInfo | None
    box: BoxLimits
    gift_limit: int
    supplies: Supplies = NO_SUPPLIES


@dataclass(frozen=True, slots=True)
class Selection:
    """`substitute_for` names the insert that was asked for when another one stands in for it."""

    insert: InsertInfo
    substitute_for: str | None = None


def select_insert(
    key: str, quantity: int, load: Load, around: Surroundings, customer_id: UUID | None, *, limited: bool = True
) -> Selection | Obstacle:
    """Return the insert, a substitute when it is out of stock, or what stands in the way of the last one tried.

    A promise that is kept (`limited` false) was counted when it was given.
    """
    wanted = around.inserts.get(key)
    tried: set[str] = set()
    while wanted is not None:
        obstacle = find_obstacle(wanted, quantity, load, around, customer_id, limited=limited)
        if obstacle is None:
            return Selection(wanted, None if wanted.key == key else key)
        tried.add(wanted.key)
        following = around.inserts.get(wanted.substitute_key or "")
        is_replaceable = obstacle.reason is Reason.OUT_OF_STOCK and wanted.when_out is WhenOut.SUBSTITUTE
        if not is_replaceable or following is None or following.key in tried or following.key in load.quantities:
            return obstacle
        wanted = following
    return Obstacle(Reason.INSERT_INACTIVE, {"insert": key})


def find_obstacle(
    insert: InsertInfo,
    quantity: int,
    load: Load,
    around: Surroundings,
    customer_id: UUID | None,
    *,
    limited: bool = True,
) -> Obstacle | None:
    """Return the first thing that keeps this insert out, in the order of the resolver."""
    if insert.is_plain and not around.care and not around.allergies:
        return find_excess(insert, quantity, load, around.box) or find_shortage(insert, quantity, around)
    if not insert.active:
        return Obstacle(Reason.INSERT_INACTIVE, {"insert": insert.key})
    return (
        find_care(insert, around)
        or find_letter_obstacle(insert.key, insert.letter_class, insert.sealed, around.service)
        or (_find_limit(insert, around, customer_id) if limited else None)
        or _find_gift_value(insert, quantity, load, around)
        or find_excess(insert, quantity, load, around.box)
        or find_shortage(insert, quantity, around)
    )


CARE_TESTS: tuple[tuple[CareKind, Callable[[InsertKind], bool]], ...] = (
    (CareKind.NO_INSERTS, lambda kind: kind is not InsertKind.TASK),
    (CareKind.NO_SAMPLES, lambda kind: kind is InsertKind.SAMPLE),
    (CareKind.NO_LETTERS, lambda kind: kind is InsertKind.LETTER),
)


def find_care(insert: InsertInfo, around: Surroundings) -> Obstacle | None:
    """Return the care flag of buyer or recipient that keeps this insert out."""
    if not around.care and not around.allergies:
        return None
    for flag, is_meant in CARE_TESTS:
        if flag in around.care and is_meant(insert.kind):
            return Obstacle(Reason.CARE_FLAG, {"insert": insert.key, "flag": str(flag)})
    if insert.allergens & around.allergies:
        return Obstacle(Reason.CARE_FLAG, {"insert": insert.key, "flag": str(CareKind.ALLERGY)})
    return None


def find_letter_obstacle(
    item: str, letter_class: LetterClass, sealed: bool, service: ServiceInfo | None
) -> Obstacle | None:
    """信書: while the service is open, only what every parcel may carry — an unsealed cover note — is let through."""
    if letter_class is LetterClass.NONE:
        return None
    if service is None:
        open_allowed = LETTER_ORDER.index(letter_class) <= LETTER_ORDER.index(LetterClass.COVER_NOTE) and not sealed
        carried = open_allowed
    else:
        carried = is_carried(service, letter_class, sealed)
    if carried:
        return None
    details = {"item": item, "service": None if service is None else service.key}
    return Obstacle(Reason.LETTER_NOT_CARRIED, details)


def _find_limit(insert: InsertInfo, around: Surroundings, customer_id: UUID | None) -> Obstacle | None:
    if insert.limit_per_customer is None:
        return None
    if customer_id is None:
        return Obstacle(Reason.NO_CUSTOMER, {"insert": insert.key})
    count = around.ledger.count(LimitKey(f"insert:{insert.key}", customer_id), around.request)
    if count < insert.limit_per_customer:
        return None
    details = {"insert": insert.key, "limit": insert.limit_per_customer, "count": count}
    return Obstacle(Reason.LIMIT_PER_CUSTOMER, details)


def _find_gift_value(insert: InsertInfo, quantity: int, load: Load, around: Surroundings) -> Obstacle | None:
    if insert.kind is not InsertKind.GIFT:
        return None
    value = load.gift_value + insert.market_value * quantity
    if value <= around.gift_limit:
        return None
    return Obstacle(Reason.GIFT_VALUE, {"insert": insert.key, "value": value, "limit": around.gift_limit})


def find_excess(insert: InsertInfo, quantity: int, load: Load, box: BoxLimits) -> Obstacle | None:
    # Asked for every proposal of every parcel: only what is limited is added up.
    if box.pieces is not None and (needed := load.pieces + count_pieces(insert, quantity)) > box.pieces:
        return Obstacle(Reason.BOX_PIECES, {"needed": needed, "limit": box.pieces})
    if box.grams is not None and (grams := load.grams + insert.weight_g * quantity) > box.grams:
        return Obstacle(Reason.BOX_GRAMS, {"needed": grams, "limit": box.grams})
    if box.millimetres is not None:
        millimetres = load.millimetres + insert.thickness_mm * quantity
        if millimetres > box.millimetres:
            return Obstacle(Reason.BOX_MILLIMETRES, {"needed": millimetres, "limit": box.millimetres})
    if box.cost is not None and (cost := load.cost + insert.unit_cost * quantity) > box.cost:
        return Obstacle(Reason.BOX_COST, {"needed": cost, "limit": box.cost})
    return None


def count_pieces(insert: InsertInfo, quantity: int) -> int:
    return 0 if insert.kind is InsertKind.TASK else quantity


def find_shortage(insert: InsertInfo, quantity: int, around: Surroundings) -> Obstacle | None:
    if not insert.stocked:
        return None
    available = around.ledger.available(insert.key, around.request)
    return None if available >= quantity else make_shortage(insert.key, max(available, 0), insert.when_out)


@lru_cache(maxsize=4096)
def make_shortage(insert_key: str, available: int, when_out: WhenOut) -> Obstacle:
    """Return the value that all parcels share which find as little."""
    details = {"insert": insert_key, "available": available, "when_out": str(when_out)}
    return Obstacle(Reason.OUT_OF_STOCK, details)
