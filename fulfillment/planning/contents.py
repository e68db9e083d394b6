"""Which box holds what of which order: what was split stays split, what was merged stays together. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from fulfillment.planning.plans import PlannedLine, PlannedShipment


@dataclass(frozen=True)
class OrderPlan:
    """What one order asks for. `shipments` is empty for a cancelled order."""

    order_id: UUID
    buyer_customer_id: UUID | None
    recipient_customer_id: UUID | None
    recipient_key: str | None
    channel: str
    language: str
    accepted_at: datetime
    placed_at: datetime
    is_cancelled: bool
    problems: tuple[dict[str, Any], ...]
    shipments: tuple[PlannedShipment, ...] = field(default=())

    @property
    def seniority(self) -> tuple[datetime, UUID]:
        return self.accepted_at, self.order_id


@dataclass(frozen=True, kw_only=True)
class Box:
    """A pending shipment as planning found it. `held`: order → order line → quantity. Frozen: its papers are printed.

    `may_take`: whether the shop's rule may put other orders in or take it up into another box.
    """

    shipment_id: UUID
    serial: int
    zone: str
    is_frozen: bool
    may_take: bool
    held: Mapping[UUID, Mapping[UUID, int]]
    later_from: date | None = None


@dataclass
class Content:
    """What a box is to hold, by order; without `box` a new one is made. Empty of shares: it is not needed any more."""

    zone: str
    box: Box | None = None
    shares: dict[UUID, PlannedShipment] = field(default_factory=dict)
    absorbed_by: "Content | None" = None

    def lead(self, plans: Mapping[UUID, OrderPlan]) -> OrderPlan:
        """Return the oldest of its orders: whose address and name stand for the box."""
        return min((plans[order_id] for order_id in self.shares), key=lambda plan: plan.seniority)

    @property
    def ship_not_before(self) -> date | None:
        days = [share.ship_not_before for share in self.shares.values()]
        days.append(self.box.later_from if self.box else None)
        return max((day for day in days if day is not None), default=None)

    def digest(self) -> bytes:
        """Return the SHA-256 of everything in it: equal contents have equal digests."""
        text = sha256(f"{self.ship_not_before}".encode())
        for order_id in sorted(self.shares):
            text.update(order_id.bytes + self.shares[order_id].digest())
        return text.digest()


def list_terms(plan: OrderPlan, share: PlannedShipment) -> dict[str, Any]:
    """Return what must agree for two orders to travel in one box, each under a name for the refusal."""
    wishes = ("gift_message", "wrapping", "noshi", "noshi_name")
    return {
        "customer": plan.buyer_customer_id,
        "recipient": plan.recipient_customer_id,
        "address": share.recipient,
        "sender": share.sender,
        "gift": (share.is_gift, tuple(share.printed.get(name) or None for name in wishes)),
        "desired": (share.desired_on, share.desired_slot),
    }


def arrange(plans: Mapping[UUID, OrderPlan], boxes: Sequence[Box]) -> list[Content]:
    """Return what every box is to hold and which boxes are new, so that each order's goods are in exactly one of them.

    Boxes keep what they hold as far as it is still wanted, printed ones first; what is wanted besides goes into the
    order's first box that is not printed. An order whose address no longer agrees with its box gets one of its own.
    """
    contents = [Content(box.zone, box) for box in sorted(boxes, key=lambda box: box.serial)]
    for plan in sorted(plans.values(), key=lambda plan: plan.seniority):
        for wanted in plan.shipments:
            contents += _place(plan, wanted, [content for content in contents if _holds(content, plan, wanted)])
    return contents + [evicted for content in contents for evicted in _evict(content, plans)]


def _holds(content: Content, plan: OrderPlan, wanted: PlannedShipment) -> bool:
    box = content.box
    return box is not None and content.zone == wanted.temperature_zone and plan.order_id in box.held


def _place(plan: OrderPlan, wanted: PlannedShipment, contents: Sequence[Content]) -> Iterator[Content]:
    """Share out one order's goods of one zone; yields the box that has to be made for them."""
    missing = {line.order_line_id: line.quantity for line in wanted.lines}
    parts: dict[int, dict[UUID, int]] = {}
    for content in sorted(contents, key=lambda content: not (content.box and content.box.is_frozen)):
        kept = {}
        for line_id, quantity in (content.box.held[plan.order_id] if content.box else {}).items():
            kept[line_id] = min(quantity, missing.get(line_id, 0))
            missing[line_id] = missing.get(line_id, 0) - kept[line_id]
        parts[id(content)] = kept
    receiver = next((content for content in contents if content.box and not content.box.is_frozen), None)
    receiver = receiver or next(iter(contents), None)
    if receiver is None:
        yield Content(wanted.temperature_zone, shares={plan.order_id: wanted})
        return
    for line_id, quantity in missing.items():
        parts[id(receiver)][line_id] = parts[id(receiver)].get(line_id, 0) + quantity
    for content in contents:
        if lines := _cut(wanted.lines, parts[id(content)]):
            content.shares[plan.order_id] = replace(wanted, lines=lines)


def _cut(lines: Sequence[PlannedLine], quantities: Mapping[UUID, int]) -> tuple[PlannedLine, ...]:
    cut = (replace(line, quantity=quantities.get(line.order_line_id, 0)) for line in lines)
    return tuple(line for line in cut if line.quantity)


def _evict(content: Content, plans: Mapping[UUID, OrderPlan]) -> Iterator[Content]:
    if len(content.shares) < 2:
        return
    lead = content.lead(plans)
    terms = list_terms(lead, content.shares[lead.order_id])
    for order_id in sorted(content.shares):
        if list_terms(plans[order_id], content.shares[order_id]) != terms:
            yield Content(content.zone, shares={order_id: content.shares.pop(order_id)})


def absorb(
    contents: Collection[Content], plans: Mapping[UUID, OrderPlan], *, within_hours: float, holding: Collection[UUID]
) -> None:
    """Put into one box what the shop's rule merges: orders of one customer to one address, placed within so many
    hours of the box's first. `holding` are orders that may not be shipped yet: they wait by themselves.
    """
    groups: dict[str, list[Content]] = defaultdict(list)
    for content in contents:
        if content.shares and (content.box is None or content.box.may_take) and not holding & content.shares.keys():
            lead = content.lead(plans)
            if lead.buyer_customer_id is not None:
                terms = list_terms(lead, content.shares[lead.order_id])
                groups[repr((content.zone, content.ship_not_before, sorted(terms.items(), key=str)))].append(content)
    for alike in groups.values():
        _absorb_alike(sorted(alike, key=lambda content: content.lead(plans).seniority), plans, within_hours)


def _absorb_alike(contents: list[Content], plans: Mapping[UUID, OrderPlan], within_hours: float) -> None:
    first = contents[0]
    for content in contents[1:]:
        gap = content.lead(plans).placed_at - first.lead(plans).placed_at
        if abs(gap.total_seconds()) > within_hours * 3600:
            first = content
            continue
        for order_id, share in content.shares.items():
            first.shares[order_id] = _join(first.shares.get(order_id), share)
        content.shares, content.absorbed_by = {}, first


def _join(mine: PlannedShipment | None, theirs: PlannedShipment) -> PlannedShipment:
    """Return both parts of one order as one."""
    if mine is None:
        return theirs
    quantities: dict[UUID, int] = defaultdict(int)
    for line in (*mine.lines, *theirs.lines):
        quantities[line.order_line_id] += line.quantity
    lines = {line.order_line_id: line for line in (*mine.lines, *theirs.lines)}
    joined = (replace(line, quantity=quantities[line.order_line_id]) for line in lines.values())
    return replace(mine, lines=tuple(sorted(joined, key=lambda line: line.position)))
