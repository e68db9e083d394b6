"""Decisions as JSON and back: the plan, and the inputs from which it can be repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from isal import isal_zlib

from orders.kinds import LetterClass
from personalization.columns import Column, FactType, SetColumn, TextColumn, make_column
from personalization.experiments.assigning import NO_ARMS, Arms, read_arms
from personalization.facts.question import Question, to_json
from personalization.insert_info import InsertInfo, Inserts
from personalization.law import BUILT_IN_LAW, DatedService, GiftLimit, Law
from personalization.models import InsertKind, WhenOut
from personalization.plan import ActionKind, Chosen, Lost, Plan, Reason, RecommendedProduct
from personalization.requests import BoxSpace, DecisionRequest, GivenAgain, Papers, Part
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.supplies import NO_SUPPLIES, CouponOffer, Supplies
from personalization.rulesets.catalogue import ServiceInfo

_COMPRESSION: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """All that one decision was taken from, and what came out. `facts` maps question codes to JSON values.

    `law` holds the entries that were used, `supplies` what the parcel could be offered.
    """

    request: DecisionRequest
    zone: ZoneInfo
    facts: Mapping[str, Any]
    counts: Mapping[str, int]
    stock: Mapping[str, int]
    owed: Sequence[OwedInsert]
    plan: Plan
    law: Law = BUILT_IN_LAW
    supplies: Supplies = NO_SUPPLIES
    arms: Arms = NO_ARMS


def pack_dossier(dossier: Dossier) -> bytes:
    """Return compressed JSON, to be sealed."""
    content = {
        "request": dossier.request,
        "zone": str(dossier.zone),
        "facts": dossier.facts,
        "counts": dossier.counts,
        "stock": dossier.stock,
        "owed": dossier.owed,
        "plan": dump_plan(dossier.plan),
        "law": _dump_law(dossier.law),
        "supplies": dossier.supplies,
        "arms": dossier.arms.to_json(),
    }
    return isal_zlib.compress(orjson.dumps(content), _COMPRESSION)


def unpack_dossier(packed: bytes) -> Dossier:
    content = orjson.loads(isal_zlib.decompress(packed))
    return Dossier(
        request=_load_request(content["request"]),
        zone=ZoneInfo(content["zone"]),
        facts=content["facts"],
        counts=content["counts"],
        stock=content["stock"],
        owed=[OwedInsert(UUID(o["allotment_id"]), o["insert_key"], o["quantity"]) for o in content["owed"]],
        plan=load_plan(content["plan"]),
        law=_load_law(content["law"]),
        supplies=_load_supplies(content["supplies"]),
        arms=read_arms(content["arms"]),
    )


def _dump_law(law: Law) -> dict[str, Any]:
    """Return a narrowed law as JSON: one limit, at most one service."""
    return {
        "gift_limit": law.gift_limits[0],
        "services": [entry.info for entries in law.services.values() for entry in entries],
    }


def _load_law(stored: Mapping[str, Any]) -> Law:
    limit = GiftLimit(**{**stored["gift_limit"], "valid_from": date.fromisoformat(stored["gift_limit"]["valid_from"])})
    services = [ServiceInfo(**{**s, "letter_class": LetterClass(s["letter_class"])}) for s in stored["services"]]
    return Law((limit,), {service.key: (DatedService(date.min, service),) for service in services})


def _load_supplies(stored: Mapping[str, Any]) -> Supplies:
    products = {name: tuple(RecommendedProduct(**p) for p in listed) for name, listed in stored["products"].items()}
    coupons = {
        key: CouponOffer(**{**offer, "valid_until": _load_day(offer["valid_until"])})
        for key, offer in stored["coupons"].items()
    }
    return Supplies(products, coupons, {name: tuple(papers) for name, papers in stored.get("unplaced", {}).items()})


def _load_day(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _load_request(stored: dict[str, Any]) -> DecisionRequest:
    return DecisionRequest(
        **{
            **stored,
            "shipment_id": UUID(stored["shipment_id"]),
            "order_ids": tuple(UUID(order_id) for order_id in stored["order_ids"]),
            "customer_id": _load_id(stored["customer_id"]),
            "recipient_customer_id": _load_id(stored["recipient_customer_id"]),
            "moment": datetime.fromisoformat(stored["moment"]),
            "accepted_at": datetime.fromisoformat(stored["accepted_at"]),
            "warehouse_id": UUID(stored["warehouse_id"]),
            "space": BoxSpace(**stored["space"]),
            "part": Part(stored["part"]),
            "again": tuple(GivenAgain(**given) for given in stored["again"]),
            "root_id": _load_id(stored["root_id"]),
            "papers": _load_papers(stored.get("papers")),
        }
    )


def _load_papers(stored: dict[str, Any] | None) -> Papers | None:
    return None if stored is None else Papers(tuple(stored["slips"]), stored["language"])


def _load_id(stored: str | None) -> UUID | None:
    return None if stored is None else UUID(stored)


def dump_facts(columns: Mapping[Question, Column]) -> list[dict[str, Any]]:
    """Return the facts of every row by question code; unknown ones are left out."""
    if not columns:
        return []
    codes = [question.code for question in columns]
    listed = [_list_json(column) for column in columns.values()]
    return [
        {code: value for code, value in zip(codes, values, strict=True) if value is not None}
        for values in zip(*listed, strict=True)
    ]


def _list_json(column: Column) -> list[Any]:
    """Return all values of a column as JSON; numbers, the most of them, are read as one array."""
    if isinstance(column, SetColumn):
        return column.list_words()
    if isinstance(column, TextColumn):
        words = (*column.words, None)  # Code −1, what is missing, is the last one.
        return [words[code] for code in column.codes.tolist()]
    if column.type in (FactType.BOOLEAN, FactType.DATE):
        return [to_json(column.get(row)) for row in range(len(column))]
    # What is no number is not equal to itself; figures without a fraction are whole ones.
    return [None if value != value else int(value) if value.is_integer() else value for value in column.values.tolist()]


def load_facts(facts: Mapping[str, Any], questions: Sequence[Question]) -> dict[Question, Column]:
    """Return columns of one row from stored facts."""
    return {q: make_column(q.fact.type, [_load_value(q.fact.type, facts.get(q.code))]) for q in questions}


def _load_value(kind: FactType, value: Any) -> Any:
    return date.fromisoformat(value) if kind is FactType.DATE and value is not None else value


def dump_plan(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON; what has its default is left out."""
    return {"fired": [_dump(chosen) for chosen in plan.fired], "lost": [_dump(lost) for lost in plan.lost]}


def _dump(value: Chosen | Lost) -> dict[str, Any]:
    dumped = {}
    for spec in fields(value):
        content = getattr(value, spec.name)
        default = spec.default_factory() if spec.default_factory is not MISSING else spec.default
        if content != default:
            dumped[spec.name] = _to_json(content)
    return dumped


def _to_json(content: Any) -> Any:
    if isinstance(content, UUID | date):
        return str(content)
    if isinstance(content, tuple):
        return [asdict(product) for product in content]
    return content


def load_plan(stored: Mapping[str, Any]) -> Plan:
    fired = tuple(_load_chosen(entry) for entry in stored["fired"])
    lost = tuple(
        Lost(
            rule_key=entry["rule_key"],
            action=entry.get("action"),
            reason=Reason(entry["reason"]),
            details=entry.get("details", {}),
        )
        for entry in stored["lost"]
    )
    return Plan(fired, lost)


def _load_chosen(stored: Mapping[str, Any]) -> Chosen:
    read = {
        "kind": ActionKind(stored["kind"]),
        "owed_allotment_id": _load_id(stored.get("owed_allotment_id")),
        "valid_until": _load_day(stored.get("valid_until")),
        "products": tuple(RecommendedProduct(**product) for product in stored.get("products", ())),
    }
    return Chosen(**{**stored, **read})


def dump_inserts(inserts: Inserts) -> list[dict[str, Any]]:
    """Return the inserts as JSON, by key."""
    listed = (asdict(inserts[key]) for key in sorted(inserts))
    return [{**entry, "id": str(entry["id"]), "allergens": sorted(entry["allergens"])} for entry in listed]


def load_inserts(stored: Sequence[Mapping[str, Any]]) -> dict[str, InsertInfo]:
    return {
        entry["key"]: InsertInfo(
            **{
                **entry,
                "id": UUID(entry["id"]),
                "kind": InsertKind(entry["kind"]),
                "letter_class": LetterClass(entry["letter_class"]),
                "when_out": WhenOut(entry["when_out"]),
                "allergens": frozenset(entry["allergens"]),
            }
        )
        for entry in stored
    }
