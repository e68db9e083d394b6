"""Appends what is said of customers: consents, attributes, tags, ranks. What changes nothing is not appended."""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.events import publish
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from crm_link.events import CustomerChanged
from crm_link.kinds import AttributeType
from crm_link.living import lock_followed
from crm_link.records import AttributeIn, ConsentIn, RankIn, TagIn

Mark = TypeVar("Mark", ConsentIn, AttributeIn, TagIn, RankIn)

_CONSENT = {
    "id": "uuid",
    "customer_id": "uuid",
    "purpose": "text",
    "state": "text",
    "source": "text",
    "evidence": "text",
    "occurred_at": "timestamptz",
    "known_at": "timestamptz",
}
_ATTRIBUTE = {
    "id": "uuid",
    "customer_id": "uuid",
    "name": "text",
    "type": "text",
    "text_value": "text",
    "number_value": "numeric",
    "boolean_value": "boolean",
    "date_value": "date",
    "source": "text",
    "known_at": "timestamptz",
}
_TAG = {
    "id": "uuid",
    "customer_id": "uuid",
    "tag": "text",
    "present": "boolean",
    "source": "text",
    "known_at": "timestamptz",
}
_RANK = {
    "id": "uuid",
    "customer_id": "uuid",
    "scheme": "text",
    "rank": "text",
    "source": "text",
    "known_at": "timestamptz",
}


def _append(table: str, columns: Mapping[str, str], *, key: Sequence[str], value: Sequence[str], moment: str) -> str:
    """Return the statement that appends rows unless the version in force at their moment says the same already."""
    listed = ", ".join(columns)
    chosen = ", ".join(f"wanted.{name}" for name in columns)
    same_key = " AND ".join(f"o.{name} = wanted.{name}" for name in ("customer_id", *key))
    latest = ", ".join(f"o.{name}" for name in value)
    given = ", ".join(f"wanted.{name}" for name in value)
    return f"""
        INSERT INTO {table} (shop_id, recorded_at, {listed})
        SELECT :shop_id, :now, {chosen} FROM {rowset("wanted", columns)}
         WHERE NOT EXISTS (
            SELECT 1 FROM (
                SELECT {latest} FROM {table} o
                 WHERE o.shop_id = :shop_id AND {same_key} AND o.{moment} <= wanted.{moment}
                 ORDER BY o.{moment} DESC, o.recorded_at DESC, o.id DESC LIMIT 1
            ) o WHERE ({latest}) IS NOT DISTINCT FROM ({given}))
        ON CONFLICT DO NOTHING RETURNING customer_id
        """


# A denial repeated later is a fact of its own; only the very same statement is not appended again.
ADD_CONSENTS = text(
    f"""
    INSERT INTO consents (shop_id, recorded_at, {", ".join(_CONSENT)})
    SELECT :shop_id, :now, {", ".join(f"wanted.{name}" for name in _CONSENT)} FROM {rowset("wanted", _CONSENT)}
    ON CONFLICT DO NOTHING RETURNING customer_id
    """
)
RESTATE_CONSENTS = text(
    _append("consents", _CONSENT, key=("purpose", "source"), value=("state",), moment="occurred_at")
)
_TYPED = ("type", "text_value", "number_value", "boolean_value", "date_value")
ADD_ATTRIBUTES = text(_append("attributes", _ATTRIBUTE, key=("name",), value=_TYPED, moment="known_at"))
ADD_TAGS = text(_append("tags", _TAG, key=("tag",), value=("present",), moment="known_at"))
ADD_RANKS = text(_append("ranks", _RANK, key=("scheme",), value=("rank",), moment="known_at"))


# Tags in force, with the source that put them on.
FIND_TAGS = text(
    """
    SELECT customer_id, tag, source FROM (
        SELECT DISTINCT ON (customer_id, tag) customer_id, tag, present, source FROM tags
         WHERE shop_id = :shop_id AND customer_id = ANY(:ids)
         ORDER BY customer_id, tag, known_at DESC, recorded_at DESC, id DESC
    ) latest WHERE present
    """
)


def record_consents(session: Session, shop_id: UUID, consents: Sequence[ConsentIn]) -> list[UUID]:
    """Append statements of consent; returns the customer of each new one. Erased customers are passed over."""
    return _record(session, shop_id, ADD_CONSENTS, consents, _make_consent)


def restate_consents(session: Session, shop_id: UUID, consents: Sequence[ConsentIn]) -> list[UUID]:
    """Append what a source states as of a moment, unless it stated the same before; returns the customer of each new
    one.

    For lists that are sent again and again: an unchanged list does not outdo a withdrawal that came by another way.
    """
    return _record(session, shop_id, RESTATE_CONSENTS, consents, _make_consent)


def _make_consent(consent: ConsentIn) -> dict[str, Any]:
    return {
        "purpose": consent.purpose,
        "state": consent.state,
        "evidence": consent.evidence,
        "occurred_at": consent.occurred_at,
    }


def set_attributes(session: Session, shop_id: UUID, attributes: Sequence[AttributeIn]) -> list[UUID]:
    """Append typed values that differ from what was known at their moment; returns the customer of each."""
    return _record(session, shop_id, ADD_ATTRIBUTES, attributes, lambda a: {"name": a.name, **_type_value(a.value)})


def set_tags(session: Session, shop_id: UUID, tags: Sequence[TagIn]) -> list[UUID]:
    """Append tags put on or taken off; returns the customer of each that changed something."""
    return _record(session, shop_id, ADD_TAGS, tags, lambda tag: {"tag": tag.tag, "present": tag.present})


def put_tag_lists(
    session: Session, shop_id: UUID, lists: Sequence[tuple[UUID, str, datetime, Collection[str]]]
) -> list[UUID]:
    """Let each (customer, source, moment, tags) be the source's whole list: put on what is missing, take off what it
    had put on and no longer names. Returns the customer of each change."""
    asked = {"shop_id": shop_id, "ids": list({customer_id for customer_id, *_ in lists})}
    current: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    for customer_id, tag, source in session.execute(FIND_TAGS, asked):
        current[customer_id, source].add(tag)
    tags = []
    for customer_id, source, known_at, listed in lists:
        gone = current[customer_id, source] - set(listed)
        tags += [TagIn(customer_id=customer_id, tag=tag, source=source, known_at=known_at) for tag in listed]
        tags += [
            TagIn(customer_id=customer_id, tag=tag, source=source, known_at=known_at, present=False) for tag in gone
        ]
    return set_tags(session, shop_id, tags)


def set_ranks(session: Session, shop_id: UUID, ranks: Sequence[RankIn]) -> list[UUID]:
    """Append ranks that differ from the one in force; returns the customer of each."""
    return _record(session, shop_id, ADD_RANKS, ranks, lambda rank: {"scheme": rank.scheme, "rank": rank.rank})


def _record(
    session: Session, shop_id: UUID, statement: Any, marks: Sequence[Mark], make_row: Callable[[Mark], dict[str, Any]]
) -> list[UUID]:
    followed = lock_followed(session, shop_id, {mark.customer_id for mark in marks})
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "customer_id": followed[mark.customer_id],
            "source": mark.source,
            "known_at": mark.known_at or now,
            **make_row(mark),
        }
        for mark in marks
        if mark.customer_id in followed
    ]
    if not rows:
        return []
    parameters = {"shop_id": shop_id, "now": now, "wanted": pack_rows(rows)}
    changed = list(session.execute(statement, parameters).scalars())
    if changed:
        publish(session, CustomerChanged(shop_id, tuple(sorted(set(changed)))))
    return changed


def _type_value(value: str | bool | int | float | Decimal | date | None) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": AttributeType.BOOLEAN, "boolean_value": value}
    if isinstance(value, (int, float, Decimal)):
        if not math.isfinite(value):
            raise ValueError("the value of an attribute must be a number")
        return {"type": AttributeType.NUMBER, "number_value": Decimal(str(value))}
    if isinstance(value, date):
        return {"type": AttributeType.DATE, "date_value": value}
    return {"type": AttributeType.TEXT, "text_value": value}
