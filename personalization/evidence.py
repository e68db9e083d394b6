"""The source events behind a history fact, as one decision saw them, each with its three times."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.rowsets import pack_rows, rowset
from crm_link.kinds import TouchpointKind
from crm_link.living import follow_joins
from personalization.facts.fact import AsOf, Source
from personalization.facts.question import Audience, Question
from personalization.loading.history import CAMPAIGN_RATIOS, CLOSED, COMPLAINT, MEASURES, USED, Condition
from personalization.loading.wordsets import WORD_SETS
from personalization.queries import StoredDecision
from personalization.requests import DecisionRequest
from personalization.resolver.batch import get_person

SHOWN: Final = 20
MOST: Final = 2000
NTH_ORDER: Final = "customer.nth_order"
# Of each touchpoint the version that stood when the decision was taken (or was known at its moment), and whether it
# stands still. The purchase that is this order itself, and later ones, are no history.
TOUCHPOINTS: Final = """
    SELECT seen.*, CASE WHEN seen.state = 'active' THEN 'same'
                        WHEN latest.state = 'cancelled' THEN 'cancelled' ELSE 'changed' END AS since
      FROM (SELECT DISTINCT ON (asked.place, t.source, t.kind, t.external_id)
                   asked.place, t.kind, t.source, t.external_id, t.occurred_at, t.known_at, t.recorded_at, t.state,
                   t.amount, t.currency, t.quantity, t.channel, t.campaign, t.status, t.score, t.skus, t.categories,
                   t.title
              FROM {asked}
              JOIN touchpoints t ON t.shop_id = :shop_id AND t.customer_id = asked.customer_id AND t.kind = ANY(:kinds)
               AND t.occurred_at <= asked.moment AND {seen}
               AND (t.kind <> 'purchase' OR (t.occurred_at, t.external_id) < (asked.ordered_at, asked.number))
             ORDER BY asked.place, t.source, t.kind, t.external_id, t.recorded_at DESC, t.id DESC) AS seen
      LEFT JOIN touchpoints latest ON latest.shop_id = :shop_id AND latest.source = seen.source
       AND latest.kind = seen.kind AND latest.external_id = seen.external_id AND latest.state <> 'superseded'
     WHERE {counted}
"""
# What is seen at all, and what of it counts: a version that says "cancelled" hides the one before it.
SEEN: Final = {
    AsOf.RECORDED: ("t.recorded_at <= asked.seen_at", "seen.state <> 'cancelled'"),
    AsOf.KNOWN: ("t.known_at <= asked.moment AND (t.retired_at IS NULL OR t.retired_at > asked.moment)", "true"),
}
ASKED: Final = {
    "place": "integer",
    "customer_id": "uuid",
    "moment": "timestamptz",
    "seen_at": "timestamptz",
    "ordered_at": "timestamptz",
    "number": "text",
}
FIRST_ORDER: Final = text(
    """
    SELECT placed_at, number FROM orders WHERE shop_id = :shop_id AND id = ANY(:orders)
     ORDER BY placed_at, number LIMIT 1
    """
)
PACKED: Final = text(
    """
    SELECT a.id, a.customer_id, a.packed_at, a.created_at, a.returned_at, a.packed_quantity, a.shipment_id,
           i.key, i.kind, i.name_ja, i.name_en
      FROM allotments a JOIN inserts i ON i.shop_id = :shop_id AND i.id = a.insert_id
     WHERE a.shop_id = :shop_id AND a.customer_id = ANY(:persons) AND a.packed_quantity > 0
       AND a.packed_at <= :moment AND (a.returned_at IS NULL OR a.returned_at > :seen_at)
     ORDER BY a.packed_at DESC LIMIT :most
    """
)


class Since(StrEnum):
    """What became of an event after the decision saw it."""

    SAME = "same"
    CHANGED = "changed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceEvent:
    """One touchpoint, or one packed insert (kind "packed"). `name` is what to call it by, `details` its readings."""

    kind: str
    source: str
    external_id: str
    occurred_at: datetime
    known_at: datetime
    recorded_at: datetime
    since: Since
    details: Mapping[str, Any]

    def read(self, name: str) -> Any:
        return self.details.get(name)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest events of `total` that were counted. `is_complete` is false when the history is no longer the one
    that was counted: customers were joined or separated since.
    """

    events: tuple[SourceEvent, ...]
    total: int
    is_complete: bool = True


def find_evidence(
    session: Session, shop_id: UUID, stored: StoredDecision, questions: Collection[Question]
) -> dict[Question, Evidence]:
    """Return what stood behind the history facts among these questions when a stored decision was taken."""
    dossier = stored.dossier
    found = find_evidence_of(
        session, shop_id, dossier.request, questions, dossier.zone, seen_at=stored.decision.decided_at
    )
    return {question: _check(question, each, dossier.facts.get(question.code)) for question, each in found.items()}


def _check(question: Question, evidence: Evidence, value: Any) -> Evidence:
    """Compare with the stored value where the fact is the number of events."""
    measure = MEASURES.get(question.key)
    counts = question.key.endswith("_count") and measure is not None and isinstance(value, int | float)
    return Evidence(evidence.events, evidence.total, not counts or evidence.total == value)


def find_evidence_of(
    session: Session,
    shop_id: UUID,
    request: DecisionRequest,
    questions: Collection[Question],
    zone: ZoneInfo,
    *,
    seen_at: datetime,
    as_of: AsOf = AsOf.RECORDED,
) -> dict[Question, Evidence]:
    """Return the events behind the history facts among these questions: three statements, however many there are.

    RECORDED: what was on record at `seen_at`; KNOWN: what was known at the request's moment.
    """
    search = _Search(session, shop_id, request, zone, seen_at, as_of)
    asked = {question: _describe(question) for question in questions}
    touched = {question: wanted for question, wanted in asked.items() if wanted is not None}
    packed = [question for question in questions if question.fact.source is Source.ALLOTMENTS]
    events = search.read_touchpoints({kind for wanted in touched.values() for kind in wanted.kinds}) if touched else {}
    inserts = search.read_packed() if packed else {}
    found = {question: search.pick(events, question, wanted) for question, wanted in touched.items()}
    return found | {question: search.pick(inserts, question, _PACKED) for question in packed}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a fact counts: kinds of events, and what they must be besides what the question narrows them to."""

    kinds: tuple[str, ...]
    condition: Condition | None = None
    used: bool = False


_PACKED: Final = _Wanted(("packed",))
_PURCHASES: Final = _Wanted((TouchpointKind.PURCHASE,))


def _describe(question: Question) -> _Wanted | None:
    """Return what the fact counts; None for a fact that stands on no events of a history."""
    if question.key in MEASURES:
        measure = MEASURES[question.key]
        return _Wanted((measure.kind,), measure.condition)
    if question.key in WORD_SETS:
        listed = WORD_SETS[question.key]
        is_open = question.key == "history.open_ticket_topics"
        return _Wanted(
            tuple(listed.kinds), Condition.OPEN if is_open else None, question.key == "history.used_campaigns"
        )
    if question.key in CAMPAIGN_RATIOS:
        return _Wanted((TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE))
    stands_on_purchases = question.fact.source in (Source.TOUCHPOINTS, Source.MODEL) or question.key == NTH_ORDER
    return _PURCHASES if stands_on_purchases else None


Event = tuple[SourceEvent, int]  # with its age in days


@dataclass(frozen=True, slots=True)
class _Search:
    session: Session
    shop_id: UUID
    request: DecisionRequest
    zone: ZoneInfo
    seen_at: datetime
    as_of: AsOf

    def _list_persons(self) -> dict[Audience, UUID]:
        """Return who buyer and recipient are now: whoever was joined into another is the other."""
        persons = {audience: get_person(self.request, audience) for audience in Audience}
        known = {audience: person for audience, person in persons.items() if person is not None}
        current = follow_joins(self.session, self.shop_id, sorted(set(known.values())))
        return {audience: current.get(person, person) for audience, person in known.items()}

    def _age(self, moment: datetime) -> int:
        today = self.request.moment.astimezone(self.zone).date()
        return (today - moment.astimezone(self.zone).date()).days

    def read_touchpoints(self, kinds: Collection[str]) -> dict[Audience, list[Event]]:
        """Return what each person's history held, newest first."""
        orders = {"shop_id": self.shop_id, "orders": list(self.request.order_ids)}
        first = self.session.execute(FIRST_ORDER, orders).first()
        ordered_at, number = (first.placed_at, first.number) if first else (self.request.moment, "\U0010ffff")
        audiences = list(self._list_persons().items())
        rows = [
            {
                "place": place,
                "customer_id": person,
                "moment": self.request.moment,
                "seen_at": self.seen_at,
                "ordered_at": ordered_at,
                "number": number,
            }
            for place, (_, person) in enumerate(audiences)
        ]
        seen, counted = SEEN[self.as_of]
        statement = text(TOUCHPOINTS.format(asked=rowset("asked", ASKED), seen=seen, counted=counted))
        bound = {"shop_id": self.shop_id, "kinds": sorted(kinds), "asked": pack_rows(rows)}
        found: dict[Audience, list[Event]] = {audience: [] for audience, _ in audiences}
        for row in self.session.execute(statement, bound):
            found[audiences[row.place][0]].append((_to_event(row), self._age(row.occurred_at)))
        return {audience: sorted(each, key=_newest_first) for audience, each in found.items()}

    def read_packed(self) -> dict[Audience, list[Event]]:
        persons = self._list_persons()
        bound = {
            "shop_id": self.shop_id,
            "persons": sorted(set(persons.values())),
            "moment": self.request.moment,
            "seen_at": self.seen_at,
            "most": MOST,
        }
        rows = self.session.execute(PACKED, bound).all()
        return {
            audience: [(_to_packed(row), self._age(row.packed_at)) for row in rows if row.customer_id == person]
            for audience, person in persons.items()
        }

    def pick(self, events: Mapping[Audience, Sequence[Event]], question: Question, wanted: _Wanted) -> Evidence:
        fitting = [event for event, age in events.get(question.audience, ()) if _fits(event, age, question, wanted)]
        return Evidence(tuple(fitting[:SHOWN]), len(fitting))


def _newest_first(event: Event) -> tuple[float, str]:
    return -event[0].occurred_at.timestamp(), event[0].external_id


def _to_event(row: Any) -> SourceEvent:
    read = ("amount", "currency", "quantity", "channel", "campaign", "status", "score", "skus", "categories", "title")
    return SourceEvent(
        kind=row.kind,
        source=row.source,
        external_id=row.external_id,
        occurred_at=row.occurred_at,
        known_at=row.known_at,
        recorded_at=row.recorded_at,
        since=Since(row.since),
        details={name: getattr(row, name) for name in read},
    )


def _to_packed(row: Any) -> SourceEvent:
    """What was packed is known and recorded as it happens."""
    details = {
        "inserts": [row.key],
        "kinds": [row.kind],
        "quantity": row.packed_quantity,
        "shipment_id": row.shipment_id,
        "ja": row.name_ja,
        "en": row.name_en,
    }
    return SourceEvent(
        kind="packed",
        source="soegaki",
        external_id=str(row.id),
        occurred_at=row.packed_at,
        known_at=row.packed_at,
        recorded_at=row.packed_at,
        since=Since.SAME if row.returned_at is None else Since.CANCELLED,
        details=details,
    )


# Parameter of a question → the reading of an event that must hold one of its words.
_READINGS: Final = {"campaigns": "campaign", "channels": "channel", "topics": "categories"}


def _fits(event: SourceEvent, age: int, question: Question, wanted: _Wanted) -> bool:
    if event.kind not in wanted.kinds or not _meets(event, wanted):
        return False
    # Windows of forecasts look ahead.
    looks_back = question.fact.source is not Source.MODEL
    return all(_holds(event, age if looks_back else None, key, value) for key, value in question.parameters)


def _meets(event: SourceEvent, wanted: _Wanted) -> bool:
    is_open = bool(event.read("status") != CLOSED)
    is_complaint = COMPLAINT in (event.read("categories") or ())
    if wanted.used and event.kind == TouchpointKind.CAMPAIGN:
        return bool(event.read("status") in USED)
    match wanted.condition:
        case Condition.OPEN:
            return is_open
        case Condition.COMPLAINT:
            return is_complaint
        case Condition.OPEN_COMPLAINT:
            return is_open and is_complaint
    return True


def _holds(event: SourceEvent, age: int | None, key: str, value: Any) -> bool:
    if key in ("days", "skip_days"):
        return age is None or bool(age <= value if key == "days" else age > value)
    words = set(_list_words(event.read(_READINGS.get(key, key))))
    return not words.isdisjoint(value) if isinstance(value, tuple) else True


def _list_words(reading: Any) -> Iterator[str]:
    if isinstance(reading, str):
        yield reading
    elif reading is not None:
        yield from reading
