"""Decisions as JSON and back: the plan, and the inputs from which it can be repeated."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from orders.kinds import LetterClass
from personalization.columns import Column, FactType, make_column
from personalization.facts.question import Question, to_json
from personalization.insert_info import InsertInfo, Inserts
from personalization.models import InsertKind, WhenOut
from personalization.plan import ActionKind, Chosen, Lost, Plan, Reason
from personalization.requests import BoxSpace, DecisionRequest
from personalization.resolver.parcel import OwedInsert


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """All that one decision was taken from, and what came out. `facts` maps question codes to JSON values."""

    request: DecisionRequest
    zone: ZoneInfo
    facts: Mapping[str, Any]
    counts: Mapping[str, int]
    stock: Mapping[str, int]
    owed: Sequence[OwedInsert]
    plan: Plan


def pack_dossier(dossier: Dossier) -> bytes:
    """Return compressed JSON, to be sealed."""
    content = {
        "request": asdict(dossier.request),
        "zone": str(dossier.zone),
        "facts": dossier.facts,
        "counts": dossier.counts,
        "stock": dossier.stock,
        "owed": [asdict(owed) for owed in dossier.owed],
        "plan": dump_plan(dossier.plan),
    }
    return zlib.compress(orjson.dumps(content), 1)


def unpack_dossier(packed: bytes) -> Dossier:
    content = orjson.loads(zlib.decompress(packed))
    return Dossier(
        request=_load_request(content["request"]),
        zone=ZoneInfo(content["zone"]),
        facts=content["facts"],
        counts=content["counts"],
        stock=content["stock"],
        owed=[OwedInsert(UUID(o["allotment_id"]), o["insert_key"], o["quantity"]) for o in content["owed"]],
        plan=load_plan(content["plan"]),
    )


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
        }
    )


def _load_id(stored: str | None) -> UUID | None:
    return None if stored is None else UUID(stored)


def dump_facts(columns: Mapping[Question, Column]) -> list[dict[str, Any]]:
    """Return the facts of every row by question code; unknown ones are left out."""
    if not columns:
        return []
    codes = [question.code for question in columns]
    listed = [[to_json(column.get(row)) for row in range(len(column))] for column in columns.values()]
    return [
        {code: value for code, value in zip(codes, values, strict=True) if value is not None}
        for values in zip(*listed, strict=True)
    ]


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
            dumped[spec.name] = str(content) if isinstance(content, UUID) else content
    return dumped


def load_plan(stored: Mapping[str, Any]) -> Plan:
    fired = tuple(
        Chosen(**{**c, "kind": ActionKind(c["kind"]), "owed_allotment_id": _load_id(c.get("owed_allotment_id"))})
        for c in stored["fired"]
    )
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
