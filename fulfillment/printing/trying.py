"""What papers would say, to try a template with: of one shipment, or the longest of the shop. Writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.specs import Row, Value
from fulfillment.models import Shipment
from fulfillment.printing.drafting import make_source
from fulfillment.printing.loading import Stock, load_stock
from fulfillment.printing.papers import build_values, letter_slots
from personalization.models import Allotment, AllotmentState, Decision, Insert
from personalization.plan import AllottedInsert, DecisionOutcome, Plan
from personalization.queries import read_plans

# The longest are looked for among so many of the latest shipments: enough, and as quick in a shop of millions.
_LATEST: Final = 20_000
# For each measure the shipment that has most of it. jsonb `::text` is as long as the address is, give or take its keys.
_LONGEST: Final = text(
    """
    WITH latest AS MATERIALIZED (
        SELECT id, recipient_name, recipient, sender FROM shipments
         WHERE shop_id = :shop_id AND state <> 'cancelled' AND recipient_name IS NOT NULL AND language = :language
         ORDER BY accepted_at DESC, id DESC LIMIT :latest),
    lines AS MATERIALIZED (
        SELECT l.shipment_id, count(*) AS lines, max(length(p.name)) AS name
          FROM shipment_lines l JOIN latest ON latest.id = l.shipment_id
          LEFT JOIN products p ON p.shop_id = :shop_id AND p.id = l.product_id
         WHERE l.shop_id = :shop_id GROUP BY l.shipment_id)
    (SELECT id FROM latest ORDER BY length(recipient_name) DESC, id DESC LIMIT 1)
    UNION (SELECT id FROM latest ORDER BY length(recipient::text) DESC, id DESC LIMIT 1)
    UNION (SELECT id FROM latest WHERE sender IS NOT NULL ORDER BY length(sender::text) DESC, id DESC LIMIT 1)
    UNION (SELECT shipment_id FROM lines ORDER BY lines DESC, shipment_id DESC LIMIT 1)
    UNION (SELECT shipment_id FROM lines WHERE name IS NOT NULL ORDER BY name DESC, shipment_id DESC LIMIT 1)
    """
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The values of one shipment's papers, letter included, and the flags that rules set for it."""

    shipment_id: UUID
    number: str
    values: Mapping[str, Value]
    flags: frozenset[str]


def find_longest(session: Session, shop_id: UUID, language: str) -> list[UUID]:
    """Return the shipments with the longest names and addresses, the most lines and the longest product name."""
    values = {"shop_id": shop_id, "language": language, "latest": _LATEST}
    return sorted(session.scalars(_LONGEST, values))


def load_trials(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> list[Trial]:
    """Return what the papers of these shipments would say as they are decided now; erased ones are left out."""
    wanted = select(Shipment).where(Shipment.shop_id == shop_id, Shipment.id.in_(shipment_ids)).order_by(Shipment.id)
    shipments = [each for each in session.scalars(wanted) if each.recipient_name is not None]
    outcomes = _load_outcomes(session, shop_id, shipments)
    stock = load_stock(session, shop_id, shipments, list(outcomes.values()))
    return [_try(shipment, outcomes[shipment.id], stock) for shipment in shipments]


def _try(shipment: Shipment, outcome: DecisionOutcome, stock: Stock) -> Trial:
    source = make_source(shipment, outcome, stock)
    letter = outcome.plan.letter
    said = letter_slots(source, letter.slots) if letter is not None else {}
    return Trial(
        shipment_id=shipment.id,
        number=shipment.number,
        values={**build_values(source), **said},
        flags=outcome.plan.flags,
    )


def _load_outcomes(session: Session, shop_id: UUID, shipments: Sequence[Shipment]) -> dict[UUID, DecisionOutcome]:
    """Return the current decisions as they are stored; a shipment without one gets nothing from rules."""
    ids = [shipment.id for shipment in shipments]
    wanted = select(Decision).where(
        Decision.shop_id == shop_id, Decision.shipment_id.in_(ids), Decision.superseded_at.is_(None)
    )
    decisions = {decision.shipment_id: decision for decision in session.scalars(wanted)}
    plans = read_plans(session, list(decisions.values()))
    allotted = _load_allotted(session, shop_id, ids)
    return {
        shipment_id: DecisionOutcome(
            decision_id=decisions[shipment_id].id if shipment_id in decisions else shipment_id,
            shipment_id=shipment_id,
            version_id=decisions[shipment_id].version_id if shipment_id in decisions else None,
            plan=plans.get(shipment_id, Plan()),
            allotted=tuple(allotted.get(shipment_id, ())),
        )
        for shipment_id in ids
    }


def _load_allotted(session: Session, shop_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[AllottedInsert]]:
    wanted = (
        select(Allotment, Insert.id, Insert.key)
        .join(Insert, Insert.id == Allotment.insert_id)
        .where(Allotment.shop_id == shop_id, Allotment.shipment_id.in_(ids))
        .where(Allotment.state != AllotmentState.RETURNED)
        .order_by(Allotment.id)
    )
    found: dict[UUID, list[AllottedInsert]] = defaultdict(list)
    for allotment, insert_id, key in session.execute(wanted):
        found[allotment.shipment_id].append(
            AllottedInsert(
                allotment_id=allotment.id,
                insert_id=insert_id,
                insert_key=key,
                rule_key=allotment.rule_key,
                quantity=allotment.quantity,
            )
        )
    return found


def combine(trials: Sequence[Trial]) -> dict[str, Value]:
    """Return of each value the longest; of rows the most, the widest row among all of them first."""
    names = dict.fromkeys(name for trial in trials for name in trial.values)
    return {name: _pick_longest([trial.values.get(name) for trial in trials]) for name in names}


def _pick_longest(values: Sequence[Value]) -> Value:
    present = [value for value in values if value is not None]
    if not present:
        return None
    longest = max(present, key=_measure)
    if not isinstance(longest, list | tuple):
        return longest
    rows: list[Row] = [row for value in present if isinstance(value, list | tuple) for row in value]
    widest = max(rows, key=_measure_row, default=None)
    if widest is None or widest in longest:
        return longest
    return [widest, *longest[1:]]


def _measure(value: Value) -> int:
    if isinstance(value, str):
        return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in value)
    if isinstance(value, bytes):
        return 1
    if isinstance(value, list | tuple):
        return 1000 * len(value) + sum(map(_measure_row, value))
    amount = getattr(value, "amount", value)
    return len(str(amount))


def _measure_row(row: Row) -> int:
    return sum(_measure(value) for value in row.values() if value is not None)
