"""The touchpoint file: purchases (one row per line or per order), campaigns, tickets, surveys and the like."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.tabular.importer import Field, ImportContext, Preset, Row, RowOutcome, RowState
from crm_link.cards import is_identifiable
from crm_link.imports.fields import TOUCHPOINT_FIELDS
from crm_link.imports.outcomes import ERASED, KNOWN_AT_MISSING, UNIDENTIFIABLE, reject
from crm_link.records import PersonIn, ResolvedPerson, TouchpointIn, TouchpointLineIn
from crm_link.resolution import resolve_persons
from crm_link.touchpoints import TouchpointChange, record_each

Group = list[Row]


@dataclass(frozen=True)
class TouchpointImporter:
    """Options: `source` (of the touchpoints), `customer_source` (of the customer ids; default the same), `known_at`.

    `known_at` is needed where the file has no such column: "occurred" (the shop knew at once) or "upload" (only now).
    Rows with one kind and external id are lines of one touchpoint. Without an external id a row is named by content.
    """

    name: str = "crm_link.touchpoints"
    label: str = "接点(購入・問い合わせなど)"
    label_en: str = "Touchpoints (purchases, tickets, …)"
    fields: Sequence[Field] = TOUCHPOINT_FIELDS
    presets: Sequence[Preset] = ()
    group_field: str | None = "external_id"

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> Sequence[RowOutcome]:
        source = context.options.get("source", "file")
        groups = _group_rows(rows)
        persons = [_describe_person(group[0], context, source) for group in groups]
        outcomes: list[RowOutcome] = []
        sound: list[tuple[Group, PersonIn]] = []
        for group, person in zip(groups, persons, strict=True):
            if not is_identifiable(person):
                outcomes += [reject(row, UNIDENTIFIABLE) for row in group]
            elif _find_known_at(group[0], context) is None:
                outcomes += [reject(row, KNOWN_AT_MISSING) for row in group]
            else:
                sound.append((group, person))
        resolved = resolve_persons(session, context.shop_id, [person for _, person in sound])
        touchpoints = [
            _describe(group, found, context, source) for (group, _), found in zip(sound, resolved, strict=True)
        ]
        changes = record_each(session, context.shop_id, touchpoints)
        for (group, _), change in zip(sound, changes, strict=True):
            outcomes += [_answer(row, change) for row in group]
        return outcomes


def _group_rows(rows: Sequence[Row]) -> list[Group]:
    groups: dict[object, Group] = defaultdict(list)
    for row in rows:
        external_id = row.values.get("external_id")
        groups[(row.values["kind"], external_id) if external_id else row.number].append(row)
    return list(groups.values())


def _describe_person(row: Row, context: ImportContext, source: str) -> PersonIn:
    values = row.values
    return PersonIn(
        source=context.options.get("customer_source", source),
        external_id=values.get("customer_id"),
        email=values.get("email"),
        phone=values.get("phone"),
        name=values.get("name"),
        country=context.country,
        # A history file says who it was then, not how the person is reached now.
        known_at=values["occurred_at"],
    )


def _find_known_at(row: Row, context: ImportContext) -> datetime | None:
    stated = row.values.get("known_at")
    policies: dict[str, Any] = {"occurred": row.values["occurred_at"], "upload": context.received_at}
    return stated or policies.get(context.options.get("known_at", ""))


def _describe(group: Group, found: ResolvedPerson, context: ImportContext, source: str) -> TouchpointIn:
    first = group[0].values
    known_at = _find_known_at(group[0], context)
    assert known_at is not None  # The caller has refused such rows.
    lines = _list_lines(group)
    amount = first.get("amount")
    if amount is None and lines and all(line.amount is not None for line in lines):
        amount = sum(line.amount or 0 for line in lines)
    score = first.get("score")
    return TouchpointIn(
        customer_id=found.customer_id,
        identity_id=found.identity_id,
        kind=first["kind"],
        source=source,
        external_id=first.get("external_id") or _name_by_content(group[0], found),
        occurred_at=first["occurred_at"],
        known_at=known_at,
        cancelled=bool(first.get("cancelled")),
        amount=amount,
        currency=context.currency if amount is not None else None,
        quantity=None if lines else first.get("quantity"),
        channel=first.get("channel"),
        campaign=first.get("campaign"),
        status=first.get("status"),
        score=None if score is None else float(score),
        title=first.get("title"),
        lines=lines,
    )


def _list_lines(group: Group) -> tuple[TouchpointLineIn, ...]:
    return tuple(
        TouchpointLineIn(
            sku=row.values["sku"],
            quantity=1 if row.values.get("quantity") is None else row.values["quantity"],
            amount=row.values.get("line_amount"),
            category=row.values.get("category"),
        )
        for row in group
        if row.values.get("sku")
    )


def _name_by_content(row: Row, found: ResolvedPerson) -> str:
    """Name a touchpoint without a number by what it says, so that the same file again finds it."""
    content = [str(found.identity_id), *(f"{name}={row.values[name]}" for name in sorted(row.values))]
    return "row:" + hashlib.blake2b("\n".join(content).encode(), digest_size=16).hexdigest()


def _answer(row: Row, change: TouchpointChange) -> RowOutcome:
    if change is TouchpointChange.ERASED:
        return reject(row, ERASED)
    return RowOutcome(row.number, RowState(change.value))
