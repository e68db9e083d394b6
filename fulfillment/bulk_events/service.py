"""Use cases of events and their sessions: made, filled, settled. Callers own the transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.service import record
from core.context import get_context
from core.errors import InvalidInputError, NotFoundError
from core.ids import new_id
from core.tabular.importer import Problem
from core.tabular.importer import RowState as TakenState
from core.tabular.models import Upload, UploadState
from core.tabular.service import get_upload
from fulfillment.bulk_events.errors import EventExistsError, EventNotFoundError, ListNotOpenError, SessionNotFoundError
from fulfillment.bulk_events.kinds import RowState
from fulfillment.bulk_events.ledger import LISTS
from fulfillment.bulk_events.models import AttendeeRow, BulkEvent, BulkSession, SettledList
from fulfillment.bulk_events.places import fold_word
from orders.catalogue.models import Product
from orders.catalogue.queries import load_products_by_sku

MEMBER_SOURCE: Final = "file"
KEY: Final = re.compile(r"[0-9A-Za-z_\-]{1,40}")
SKU_UNKNOWN = Problem("sku", "sku_unknown", "この商品コードの商品がありません。", "There is no product of this SKU.")
SKU_TAKEN = Problem(
    "sku",
    "sku_taken",
    "この商品は別の公演回のものです。公演回ごとに別の商品が必要です。",
    "This product belongs to another session: each session needs its own.",
)
REPEATED = Problem("key", "repeated", "この公演コードは前の行にもあります。", "An earlier row has this session code.")
RELEASED = Problem(
    "key",
    "session_released",
    "出荷を始めた公演回の商品と公演日は変えられません。",
    "Product and date of a session that was released cannot be changed.",
)


@dataclass(frozen=True, kw_only=True)
class EventIn:
    """An event to be made. `key` is what files and orders call it by; `member_source` the system of member numbers."""

    key: str
    name: str
    name_en: str = ""
    member_source: str = MEMBER_SOURCE
    ship_not_before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionIn:
    key: str
    venue: str
    venue_en: str
    held_on: date
    sku: str


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What became of one session that was told."""

    state: TakenState
    problems: tuple[Problem, ...] = ()


def create_event(session: Session, shop_id: UUID, told: EventIn) -> BulkEvent:
    """Make an event. Raises EventExistsError, InvalidInputError for a key or name that is empty."""
    told = replace(told, key=told.key.strip(), name=told.name.strip(), name_en=told.name_en.strip())
    for name in ("key", "name", "member_source"):
        if not getattr(told, name):
            raise InvalidInputError("This may not be empty.", field=name)
    if not KEY.fullmatch(told.key):
        raise InvalidInputError("Letters, digits, - and _ only: it stands in addresses.", field="key")
    row = {
        "id": new_id(),
        "shop_id": shop_id,
        "key": told.key,
        "name": told.name,
        "name_en": told.name_en or told.name,
        "member_source": told.member_source,
        "ship_not_before": told.ship_not_before,
        "created_by": get_context().actor.id,
    }
    statement = insert(BulkEvent).values(row).on_conflict_do_nothing(index_elements=["shop_id", "key"])
    event = session.scalars(statement.returning(BulkEvent)).one_or_none()
    if event is None:
        raise EventExistsError(told.key)
    record(session, "fulfillment:event:create", shop_id=shop_id, subject_id=event.id, details={"key": event.key})
    return event


def get_event(session: Session, shop_id: UUID, key: str) -> BulkEvent:
    event = session.scalars(select(BulkEvent).where(BulkEvent.shop_id == shop_id, BulkEvent.key == key)).one_or_none()
    if event is None:
        raise EventNotFoundError(key)
    return event


def get_session(session: Session, shop_id: UUID, session_id: UUID) -> BulkSession:
    found = session.get(BulkSession, session_id)
    if found is None or found.shop_id != shop_id:
        raise SessionNotFoundError(session_id)
    return found


def put_sessions(session: Session, shop_id: UUID, event_id: UUID, told: Sequence[SessionIn]) -> list[SessionChange]:
    """Make or change sessions by their keys; the answers are in the order told. What cannot be is refused alone."""
    session.execute(select(BulkEvent.id).where(BulkEvent.id == event_id).with_for_update(key_share=True))
    statement = select(BulkSession).where(BulkSession.shop_id == shop_id)
    known = session.scalars(statement).all()
    by_key = {fold_word(each.key): each for each in known if each.event_id == event_id}
    owners = {each.product_id: each for each in known}
    products = load_products_by_sku(session, shop_id, {each.sku for each in told})
    changes, seen = [], set[str]()
    for each in told:
        key = fold_word(each.key)
        problem = REPEATED if key in seen else _find_problem(each, by_key.get(key), products, owners)
        seen.add(key)
        if problem is not None:
            changes.append(SessionChange(TakenState.REJECTED, (problem,)))
            continue
        product = products[each.sku]
        state, kept = _put(session, shop_id, event_id, each, by_key.get(key), product)
        owners = {pid: one for pid, one in owners.items() if one is not kept} | {product.id: kept}
        changes.append(SessionChange(state))
    count = sum(change.state in (TakenState.NEW, TakenState.CHANGED) for change in changes)
    if count:
        record(session, "fulfillment:event:sessions", shop_id=shop_id, subject_id=event_id, details={"count": count})
    return changes


def _find_problem(
    told: SessionIn, before: BulkSession | None, products: Mapping[str, Product], owners: Mapping[UUID, BulkSession]
) -> Problem | None:
    product = products.get(told.sku)
    if product is None:
        return SKU_UNKNOWN
    if owners.get(product.id, before) is not before:
        return SKU_TAKEN
    if before is not None and before.released_at is not None:
        return None if (before.product_id, before.held_on) == (product.id, told.held_on) else RELEASED
    return None


def _put(
    session: Session, shop_id: UUID, event_id: UUID, told: SessionIn, before: BulkSession | None, product: Product
) -> tuple[TakenState, BulkSession]:
    values = {"venue": told.venue, "venue_en": told.venue_en, "held_on": told.held_on, "product_id": product.id}
    if before is None:
        made = BulkSession(shop_id=shop_id, event_id=event_id, key=told.key.strip(), **values)
        session.add(made)
        return TakenState.NEW, made
    if all(getattr(before, name) == value for name, value in values.items()):
        return TakenState.SAME, before
    for name, value in values.items():
        setattr(before, name, value)
    session.flush()  # Another session of the file may take the product that is free now.
    return TakenState.CHANGED, before


def get_list_upload(session: Session, event: BulkEvent, upload_id: UUID) -> Upload:
    """Return a list of attendees that was handed in for this event; NotFoundError for any other file."""
    upload = get_upload(session, event.shop_id, upload_id)
    if upload.importer != LISTS or upload.options.get("event") != event.key:
        raise NotFoundError("There is no such list of this event.", upload_id=str(upload_id))
    return upload


def settle_list(session: Session, event: BulkEvent, upload_id: UUID, *, reason: str) -> None:
    """Say why the rejected rows of a list need nothing more, or why a file is not to be used. Repeating it changes the
    reason. Raises ListNotOpenError for another event's list, while it is read, or when it left nothing open.
    """
    shop_id = event.shop_id
    upload = get_upload(session, shop_id, upload_id)
    if upload.options.get("event") != event.key:
        raise ListNotOpenError(upload_id)
    is_open = upload.state in (UploadState.RECEIVED, UploadState.FAILED) or (
        upload.state is UploadState.DONE and (upload.rejected_count > 0 or _has_closed_rows(session, upload_id))
    )
    if not is_open:
        raise ListNotOpenError(upload_id)
    if not reason.strip():
        raise InvalidInputError("A reason is needed.", field="reason")
    values = {"rejected": upload.rejected_count, "reason": reason.strip(), "settled_by": get_context().actor.id}
    statement = insert(SettledList).values(shop_id=shop_id, upload_id=upload_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["shop_id", "upload_id"], set_=values))
    record(
        session,
        "fulfillment:event:settle_list",
        shop_id=shop_id,
        subject_id=upload_id,
        details={"rejected": upload.rejected_count},
    )


def _has_closed_rows(session: Session, upload_id: UUID) -> bool:
    """Whether rows were refused after the list was read: those that waited for somebody who was erased meanwhile."""
    closed = exists().where(AttendeeRow.upload_id == upload_id, AttendeeRow.state == RowState.REJECTED)
    return bool(session.scalar(select(closed.where(AttendeeRow.answer.is_(None)))))
