"""Records touchpoints: new ones, changed ones as a further version, the same ones not at all."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.events import publish
from core.ids import new_id
from core.rowsets import pack_rows, rowset
from crm_link.errors import OvertakenError
from crm_link.events import CustomerChanged
from crm_link.kinds import TouchpointKind, TouchpointState
from crm_link.living import lock_followed
from crm_link.records import TouchpointCounts, TouchpointIn

MAX_TRIES: Final = 5
CHUNK: Final = 10_000
# What orders and hand-overs write: no news of the customer's own.
WRITTEN_BY_US: Final = frozenset({TouchpointKind.PURCHASE, TouchpointKind.PARCEL})
TouchpointKey = tuple[str, str, str]

_COLUMNS: Final = {
    "id": "uuid",
    "customer_id": "uuid",
    "identity_id": "uuid",
    "kind": "text",
    "source": "text",
    "external_id": "text",
    "occurred_at": "timestamptz",
    "known_at": "timestamptz",
    "retired_at": "timestamptz",
    "state": "text",
    "amount": "bigint",
    "currency": "text",
    "quantity": "integer",
    "channel": "text",
    "campaign": "text",
    "status": "text",
    "score": "double precision",
    "skus": "text[]",
    "categories": "text[]",
    "title": "text",
    "attributes": "jsonb",
    "digest": "bytea",
}
_LINES: Final = {
    "touchpoint_id": "uuid",
    "position": "integer",
    "sku": "text",
    "category": "text",
    "quantity": "integer",
    "amount": "bigint",
}

# Locked, so that of two who change one touchpoint at once the second compares with what the first wrote.
FIND_CURRENT = text(
    f"""
    SELECT t.source, t.kind, t.external_id, t.id, t.digest, t.customer_id, c.erased_at IS NOT NULL
      FROM {rowset("wanted", {"source": "text", "kind": "text", "external_id": "text"})}
      JOIN touchpoints t ON t.shop_id = :shop_id AND t.source = wanted.source AND t.kind = wanted.kind
                        AND t.external_id = wanted.external_id AND t.state <> 'superseded'
      JOIN customers c ON c.shop_id = :shop_id AND c.id = t.customer_id
     ORDER BY t.id FOR UPDATE OF t
    """
)
SUPERSEDE = text(
    f"""
    UPDATE touchpoints t
       SET state = 'superseded', retired_at = least(coalesce(t.retired_at, wanted.known_at), wanted.known_at)
      FROM {rowset("wanted", {"id": "uuid", "known_at": "timestamptz"})}
     WHERE t.shop_id = :shop_id AND t.id = wanted.id
    """
)
INSERT = text(
    f"""
    INSERT INTO touchpoints (shop_id, recorded_at, {", ".join(_COLUMNS)})
    SELECT :shop_id, :now, {", ".join(f"wanted.{name}" for name in _COLUMNS)} FROM {rowset("wanted", _COLUMNS)}
     ORDER BY wanted.source, wanted.kind, wanted.external_id
    ON CONFLICT DO NOTHING RETURNING id
    """
)
INSERT_LINES = text(
    f"""
    INSERT INTO touchpoint_lines (shop_id, {", ".join(_LINES)})
    SELECT :shop_id, {", ".join(f"wanted.{name}" for name in _LINES)} FROM {rowset("wanted", _LINES)}
    """
)
# Every version follows: it was this person all along.
HAND_OVER = text(
    f"""
    UPDATE touchpoints t SET customer_id = wanted.customer_id
      FROM {rowset("wanted", {"source": "text", "kind": "text", "external_id": "text", "customer_id": "uuid"})}
     WHERE t.shop_id = :shop_id AND t.source = wanted.source AND t.kind = wanted.kind
       AND t.external_id = wanted.external_id AND t.customer_id <> wanted.customer_id
    """
)


class TouchpointChange(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERASED = "erased"


@dataclass(frozen=True)
class _Current:
    id: UUID
    digest: bytes | None
    customer_id: UUID
    erased: bool


def record_touchpoints(session: Session, shop_id: UUID, touchpoints: Sequence[TouchpointIn]) -> TouchpointCounts:
    """Upsert by (shop, source, kind, external id); see `record_each` for the outcome of each."""
    changes = record_each(session, shop_id, touchpoints)
    return TouchpointCounts(*(changes.count(change) for change in TouchpointChange))


def record_each(session: Session, shop_id: UUID, touchpoints: Sequence[TouchpointIn]) -> list[TouchpointChange]:
    """Record and tell for each whether it was new, changed or the same, or belongs to an erased customer (not
    recorded).

    A change of content adds a version known from its `known_at`; of several with one key, each is a version in the
    order given. Another customer for the same touchpoint moves all its versions. Publishes CustomerChanged.
    """
    changes: list[TouchpointChange] = []
    moved: set[UUID] = set()
    for start in range(0, len(touchpoints), CHUNK):
        chunk = [_complete(touchpoint) for touchpoint in touchpoints[start : start + CHUNK]]
        followed = lock_followed(session, shop_id, {touchpoint.customer_id for touchpoint in chunk})
        found = _record_chunk(session, shop_id, chunk, followed)
        changes.extend(found)
        moved |= _pick_changed(chunk, found, followed)
    if moved:
        is_news = any(touchpoint.kind not in WRITTEN_BY_US for touchpoint in touchpoints)
        publish(session, CustomerChanged(shop_id, tuple(sorted(moved)), interrupts=is_news))
    return changes


def _pick_changed(
    chunk: Sequence[TouchpointIn], changes: Sequence[TouchpointChange], followed: Mapping[UUID, UUID]
) -> set[UUID]:
    effective = (TouchpointChange.NEW, TouchpointChange.CHANGED)
    return {followed[t.customer_id] for t, change in zip(chunk, changes, strict=True) if change in effective}


def _complete(touchpoint: TouchpointIn) -> TouchpointIn:
    """Fill what follows from the lines; refuse moments without a zone and scores that are no number."""
    if touchpoint.occurred_at.tzinfo is None or touchpoint.known_at.tzinfo is None:
        raise ValueError("moments of a touchpoint need a time zone")
    if touchpoint.score is not None and not math.isfinite(touchpoint.score):
        raise ValueError("the score of a touchpoint must be a number")
    lines = touchpoint.lines
    if not lines:
        return touchpoint
    return replace(
        touchpoint,
        skus=touchpoint.skus or tuple(sorted({line.sku for line in lines})),
        categories=touchpoint.categories or tuple(sorted({line.category for line in lines if line.category})),
        quantity=sum(line.quantity for line in lines) if touchpoint.quantity is None else touchpoint.quantity,
    )


def _record_chunk(
    session: Session, shop_id: UUID, chunk: Sequence[TouchpointIn], followed: Mapping[UUID, UUID]
) -> list[TouchpointChange]:
    """Work in rounds: the n-th round holds the n-th touchpoint of each key, so that versions keep their order."""
    changes = [TouchpointChange.ERASED] * len(chunk)
    rounds: dict[int, dict[int, TouchpointIn]] = defaultdict(dict)
    seen: dict[TouchpointKey, int] = defaultdict(int)
    for index, touchpoint in enumerate(chunk):
        if touchpoint.customer_id in followed:
            key = _key(touchpoint)
            rounds[seen[key]][index] = replace(touchpoint, customer_id=followed[touchpoint.customer_id])
            seen[key] += 1
    for number in sorted(rounds):
        for index, change in _record_round(session, shop_id, rounds[number]).items():
            changes[index] = change
    return changes


def _key(touchpoint: TouchpointIn) -> TouchpointKey:
    return touchpoint.source, touchpoint.kind.value, touchpoint.external_id


def _record_round(session: Session, shop_id: UUID, wanted: Mapping[int, TouchpointIn]) -> dict[int, TouchpointChange]:
    for _ in range(MAX_TRIES - 1):
        try:
            return _try_round(session, shop_id, wanted)
        except OvertakenError:
            continue
    return _try_round(session, shop_id, wanted)


def _try_round(session: Session, shop_id: UUID, wanted: Mapping[int, TouchpointIn]) -> dict[int, TouchpointChange]:
    current = _find_current(session, shop_id, wanted.values())
    digests = {index: digest_touchpoint(touchpoint) for index, touchpoint in wanted.items()}
    changes: dict[int, TouchpointChange] = {}
    written, strayed = [], []
    for index, touchpoint in wanted.items():
        before = current.get(_key(touchpoint))
        changes[index] = _compare(before, touchpoint, digests[index])
        if before is None or (not before.erased and before.digest != digests[index]):
            written.append(index)
        if before is not None and not before.erased and before.customer_id != touchpoint.customer_id:
            strayed.append(touchpoint)
    with session.begin_nested():
        _hand_over(session, shop_id, strayed)
        _write_versions(session, shop_id, {index: wanted[index] for index in written}, current, digests)
    return changes


def _compare(before: _Current | None, touchpoint: TouchpointIn, digest: bytes) -> TouchpointChange:
    if before is None:
        return TouchpointChange.NEW
    if before.erased:
        return TouchpointChange.ERASED
    if before.digest == digest and before.customer_id == touchpoint.customer_id:
        return TouchpointChange.SAME
    return TouchpointChange.CHANGED


def _find_current(
    session: Session, shop_id: UUID, touchpoints: Iterable[TouchpointIn]
) -> dict[TouchpointKey, _Current]:
    keys = pack_rows({"source": s, "kind": k, "external_id": e} for s, k, e in map(_key, touchpoints))
    rows = session.execute(FIND_CURRENT, {"shop_id": shop_id, "wanted": keys})
    return {(source, kind, ext): _Current(*rest) for source, kind, ext, *rest in rows}


def _hand_over(session: Session, shop_id: UUID, touchpoints: Sequence[TouchpointIn]) -> None:
    if touchpoints:
        rows = pack_rows(
            {"source": t.source, "kind": t.kind, "external_id": t.external_id, "customer_id": t.customer_id}
            for t in touchpoints
        )
        session.execute(HAND_OVER, {"shop_id": shop_id, "wanted": rows})


def _write_versions(
    session: Session,
    shop_id: UUID,
    wanted: Mapping[int, TouchpointIn],
    current: Mapping[TouchpointKey, _Current],
    digests: Mapping[int, bytes],
) -> None:
    """Retire the versions before, insert the new ones; raises OvertakenError when another transaction was first."""
    if not wanted:
        return
    retired = [{"id": current[_key(t)].id, "known_at": t.known_at} for t in wanted.values() if _key(t) in current]
    if retired:
        session.execute(SUPERSEDE, {"shop_id": shop_id, "wanted": pack_rows(retired)})
    ids = {index: new_id() for index in wanted}
    rows = [_make_row(ids[index], touchpoint, digests[index]) for index, touchpoint in wanted.items()]
    inserted = session.execute(INSERT, {"shop_id": shop_id, "now": clock.now(), "wanted": pack_rows(rows)})
    if len(inserted.all()) != len(rows):
        raise OvertakenError
    lines = [line for index, touchpoint in wanted.items() for line in _make_lines(ids[index], touchpoint)]
    if lines:
        session.execute(INSERT_LINES, {"shop_id": shop_id, "wanted": pack_rows(lines)})


def _make_row(touchpoint_id: UUID, touchpoint: TouchpointIn, digest: bytes) -> dict[str, Any]:
    row = {name: getattr(touchpoint, name, None) for name in _COLUMNS}
    state = TouchpointState.CANCELLED if touchpoint.cancelled else TouchpointState.ACTIVE
    retired_at = touchpoint.known_at if touchpoint.cancelled else None
    return row | {"id": touchpoint_id, "state": state, "retired_at": retired_at, "digest": digest}


def _make_lines(touchpoint_id: UUID, touchpoint: TouchpointIn) -> list[dict[str, Any]]:
    return [
        {
            "touchpoint_id": touchpoint_id,
            "position": position,
            "sku": line.sku,
            "category": line.category,
            "quantity": line.quantity,
            "amount": line.amount,
        }
        for position, line in enumerate(touchpoint.lines)
    ]


_CONTENT: Final = (
    "cancelled",
    "amount",
    "currency",
    "quantity",
    "channel",
    "campaign",
    "status",
    "score",
    "skus",
    "categories",
    "title",
    "attributes",
    "lines",
)


def digest_touchpoint(touchpoint: TouchpointIn) -> bytes:
    """Return 16 bytes over the content: what happened, not who it belongs to nor when it was learnt."""
    content = [touchpoint.occurred_at.astimezone(UTC), *(getattr(touchpoint, name) for name in _CONTENT)]
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.blake2b(orjson.dumps(content, option=options, default=dict), digest_size=16).digest()
