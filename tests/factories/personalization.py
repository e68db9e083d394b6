"""Inserts, rules, requests and batches with defaults that say nothing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from orders.kinds import LetterClass
from personalization.columns import make_column
from personalization.facts.question import Audience, ask
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind, WhenOut
from personalization.problems import Problems
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch, list_questions
from personalization.resolver.ledger import MemoryLedger, make_pool
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.catalogue import Catalogue, ServiceInfo, TemplateInfo, TemplateKind, make_catalogue
from personalization.rulesets.parsing import parse_ruleset

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
NOON = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
WAREHOUSE = uuid5(NAMESPACE, "warehouse")
ALWAYS = {"always": True}

CATALOGUE = make_catalogue(
    [
        TemplateInfo(
            "letter",
            TemplateKind.LETTER,
            frozenset({"body", "recommendations", "coupon_code", "coupon_value"}),
            LetterClass.COVER_NOTE,
        ),
        TemplateInfo("birthday-letter", TemplateKind.LETTER, frozenset({"body"}), LetterClass.COVER_NOTE),
        TemplateInfo(
            "sealed-letter", TemplateKind.LETTER, frozenset({"body"}), LetterClass.CORRESPONDENCE, sealed=True
        ),
        TemplateInfo("slip", TemplateKind.SLIP, frozenset({"message"})),
        TemplateInfo("gift-slip", TemplateKind.SLIP, frozenset({"message"})),
    ],
    [
        ServiceInfo("parcel", "宅配便", LetterClass.COVER_NOTE),
        ServiceInfo("letter-pack", "レターパック", LetterClass.CORRESPONDENCE, sealed_allowed=True),
    ],
)


def make_uuid(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


def make_insert(key: str, **changes: Any) -> InsertInfo:
    values = {"id": make_uuid(key), "name_ja": key, "name_en": key, "kind": InsertKind.LEAFLET, **changes}
    return InsertInfo(key=key, **values)


# One of each kind that rules meet: short of stock in every way, limited, heavy, unlawful, a task.
EVERY_INSERT = [
    make_insert("a", weight_g=20, thickness_mm=1.5, unit_cost=10),
    make_insert("b", stocked=False, weight_g=40, thickness_mm=4, allergens=frozenset({"wheat"})),
    make_insert("c", limit_per_customer=1),
    make_insert("d", when_out=WhenOut.SUBSTITUTE, substitute_key="a"),
    make_insert("e", active=False),
    make_insert("f", kind=InsertKind.GIFT, market_value=150),
    make_insert("g", when_out=WhenOut.BACK_ORDER),
    make_insert("h", kind=InsertKind.TASK, stocked=False),
    make_insert("i", letter_class=LetterClass.CORRESPONDENCE, stocked=False),
    make_insert("j", when_out=WhenOut.HOLD),
]


def rule(key: str, *then: Mapping[str, Any], when: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return {"key": key, "name": {"ja": key, "en": key}, "when": when or ALWAYS, "then": list(then), **options}


def enclose(insert: str, quantity: int = 1) -> dict[str, Any]:
    return {"do": "enclose", "insert": insert, "quantity": quantity}


def ruleset(*rules: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    return {"format": 1, "rules": list(rules), **options}


def make_rulebook(
    document: Mapping[str, Any], inserts: Sequence[InsertInfo] = (), catalogue: Catalogue = CATALOGUE
) -> Rulebook:
    problems = Problems()
    parsed = parse_ruleset(document, problems)
    assert parsed is not None, problems.found
    return Rulebook(parsed, catalogue, {insert.key: insert for insert in inserts})


def make_request(name: str = "s1", **changes: Any) -> DecisionRequest:
    """Return a request of buyer "alice" to herself; `minutes` moves its acceptance."""
    accepted_at = NOON + timedelta(minutes=changes.pop("minutes", 0))
    values: dict[str, Any] = {
        "shipment_id": make_uuid(name),
        "order_ids": (make_uuid(f"order of {name}"),),
        "customer_id": make_uuid("alice"),
        "recipient_customer_id": make_uuid("alice"),
        "is_gift": False,
        "moment": accepted_at,
        "accepted_at": accepted_at,
        "warehouse_id": WAREHOUSE,
        "delivery_service": "parcel",
    }
    return DecisionRequest(**{**values, **changes})


def make_batch(
    rulebook: Rulebook, requests: Sequence[DecisionRequest], facts: Sequence[Mapping[str, Any]] | None = None
) -> Batch:
    """Return a batch whose facts are given by question code (or key), per request; all others are unknown."""
    rows = facts or [{} for _ in requests]
    columns = {}
    for question in list_questions(rulebook.document):
        values = [row.get(question.code, row.get(question.key)) for row in rows]
        columns[question] = make_column(question.fact.type, values)
    return Batch(requests, columns, TOKYO)


def make_ledger(stock: Mapping[str, int] | None = None, overall: Mapping[str, int] | None = None) -> MemoryLedger:
    """Return a ledger with this much of each insert and of each limited rule."""
    return MemoryLedger(
        stock={(key, WAREHOUSE): make_pool(size) for key, size in (stock or {}).items()},
        overall={f"rule:{key}": make_pool(size) for key, size in (overall or {}).items()},
    )


def ask_recipient(key: str) -> str:
    return ask(key, Audience.RECIPIENT).code
