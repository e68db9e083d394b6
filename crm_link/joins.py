"""Joins two customers who are one person, separates one who is two, and undoes either. What moved is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.events import publish
from core.ids import new_id
from crm_link.errors import CustomerErasedError, CustomerNotFoundError, JoinError
from crm_link.events import CustomerChanged, CustomersMoved
from crm_link.living import LOCK_WHOLE
from crm_link.models import Customer, CustomerJoin, IdentityLink, SourceIdentity

# Tables whose rows go with the person; each with what tells that a like row is there already.
_FOLLOWING: Final = {
    "contacts": None,
    "touchpoints": None,
    "care_flags": None,
    "contact_keys": None,
    "consents": ("purpose", "source", "occurred_at", "state"),
    "attributes": ("name", "source", "known_at"),
    "tags": ("tag", "source", "known_at"),
    "ranks": ("scheme", "source", "known_at"),
}
# Rows that carry the identity they came by.
_BY_IDENTITY: Final = ("contacts", "touchpoints")
# Rows that carry only the name of the source system.
_BY_SOURCE: Final = ("touchpoints", "consents", "attributes", "tags", "ranks")

CURRENT_LINKS = text(
    """
    SELECT identity_id FROM identity_links
     WHERE shop_id = :shop_id AND customer_id = :customer_id AND valid_until IS NULL
    """
)
CLOSE_LINKS = text(
    """
    UPDATE identity_links SET valid_until = :now
     WHERE shop_id = :shop_id AND customer_id = :from_id AND identity_id = ANY(:identity_ids) AND valid_until IS NULL
    RETURNING identity_id
    """
)
# A number or address finds the customer whose cards bear it; keys go along unless a card that stays bears it too.
MOVE_KEYS = text(
    """
    UPDATE contact_keys k SET customer_id = :to_id
     WHERE k.shop_id = :shop_id AND k.customer_id = :from_id
       AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.shop_id = :shop_id AND c.customer_id = :from_id
                        AND k.value = CASE k.kind WHEN 'email' THEN c.email_norm ELSE c.phone_e164 END)
       AND EXISTS (SELECT 1 FROM contacts c WHERE c.shop_id = :shop_id AND c.customer_id = :to_id
                    AND k.value = CASE k.kind WHEN 'email' THEN c.email_norm ELSE c.phone_e164 END)
    """
)
OTHER_OF_SOURCE = text(
    """
    SELECT count(*) FROM identity_links l JOIN source_identities i ON i.shop_id = :shop_id AND i.id = l.identity_id
     WHERE l.shop_id = :shop_id AND l.customer_id = :customer_id AND l.valid_until IS NULL
       AND i.source = :source AND i.id <> :identity_id
    """
)


@dataclass(frozen=True)
class _Move:
    """One direction of one join: what goes from whom to whom, and who does it."""

    shop_id: UUID
    join_id: UUID
    from_id: UUID
    to_id: UUID
    made_by: str

    @property
    def ends(self) -> dict[str, Any]:
        return {"shop_id": self.shop_id, "join_id": self.join_id, "from_id": self.from_id, "to_id": self.to_id}


def join_customers(session: Session, shop_id: UUID, from_id: UUID, into_id: UUID, *, made_by: str, reason: str) -> UUID:
    """Let `into_id` take over everything of `from_id`; returns the join, by which it can be undone."""
    if from_id == into_id:
        raise JoinError("A customer cannot be joined into itself.")
    _lock_both(session, shop_id, from_id, into_id)
    move = _open_join(session, shop_id, (from_id, into_id), made_by=made_by, reason=reason)
    _move_links(session, move, _list_identities(session, shop_id, from_id), "join")
    for table in _FOLLOWING:
        _move_rows(session, move, table, "true")
    session.execute(update(Customer).where(Customer.id == from_id).values(joined_into_id=into_id))
    _announce(session, move, whole=True)
    return move.join_id


def separate_identity(
    session: Session, shop_id: UUID, identity_id: UUID, *, made_by: str, reason: str
) -> tuple[UUID, UUID]:
    """Make a customer of its own for one identity that was taken for another person; returns (customer, join).

    Its card and its touchpoints go along; so does what is known to come from its source system, when the customer has
    no other identity there. Care flags set by people stay. Refused for a customer's only identity.
    """
    from_id = _find_holder(session, shop_id, identity_id)
    to_id = new_id()
    session.add(Customer(id=to_id, shop_id=shop_id))
    session.flush()  # The new row is locked and referred to by plain SQL below.
    _lock_both(session, shop_id, from_id, to_id)
    linked = set(_list_identities(session, shop_id, from_id))
    if identity_id not in linked or len(linked) == 1:
        raise JoinError("This is the only identity of its customer.", identity_id=str(identity_id))
    move = _open_join(session, shop_id, (from_id, to_id), made_by=made_by, reason=reason)
    _move_links(session, move, [identity_id], "separation")
    _move_identity_rows(session, move, identity_id)
    session.execute(MOVE_KEYS, move.ends)
    _announce(session, move, whole=False)
    return to_id, move.join_id


def undo_join(session: Session, shop_id: UUID, join_id: UUID, *, made_by: str) -> None:
    """Bring back what a join or separation moved, and what its identities have brought since.

    Refused when it was undone already, or when one of the two has since been erased or joined elsewhere.
    """
    claimed = session.execute(
        update(CustomerJoin)
        .where(CustomerJoin.id == join_id, CustomerJoin.shop_id == shop_id, CustomerJoin.undone_at.is_(None))
        .values(undone_at=clock.now(), undone_by=made_by)
        .returning(CustomerJoin.from_customer_id, CustomerJoin.to_customer_id)
    ).one_or_none()
    if claimed is None:
        raise JoinError("There is no such join, or it was undone already.", join_id=str(join_id))
    move = _Move(shop_id, join_id, claimed.to_customer_id, claimed.from_customer_id, made_by)
    was_joined = _revive(session, move)
    _lock_both(session, shop_id, move.from_id, move.to_id)
    identities = _list_joined(session, move)
    _move_links(session, move, identities, "undo")
    _move_back(session, move, identities)
    session.execute(MOVE_KEYS, move.ends)
    # The customer that an undone separation had made stands for the first one again, when nothing is left with it.
    emptied = not was_joined and not _list_identities(session, shop_id, move.from_id)
    if emptied:
        session.execute(update(Customer).where(Customer.id == move.from_id).values(joined_into_id=move.to_id))
    _announce(session, move, whole=emptied)


def _find_holder(session: Session, shop_id: UUID, identity_id: UUID) -> UUID:
    holder = session.execute(
        select(IdentityLink.customer_id).where(
            IdentityLink.shop_id == shop_id, IdentityLink.identity_id == identity_id, IdentityLink.valid_until.is_(None)
        )
    ).scalar_one_or_none()
    if holder is None:
        raise JoinError("There is no such identity.", identity_id=str(identity_id))
    return holder


def _list_identities(session: Session, shop_id: UUID, customer_id: UUID) -> list[UUID]:
    return list(session.execute(CURRENT_LINKS, {"shop_id": shop_id, "customer_id": customer_id}).scalars())


def _list_joined(session: Session, move: _Move) -> list[UUID]:
    """Return the identities that the join brought and that are still there."""
    return list(
        session.execute(
            select(IdentityLink.identity_id).where(
                IdentityLink.shop_id == move.shop_id,
                IdentityLink.join_id == move.join_id,
                IdentityLink.customer_id == move.from_id,
                IdentityLink.valid_until.is_(None),
            )
        ).scalars()
    )


def _revive(session: Session, move: _Move) -> bool:
    """Let the joined customer live again; False when it was not joined (the act was a separation)."""
    revived = session.execute(
        update(Customer)
        .where(Customer.shop_id == move.shop_id, Customer.id == move.to_id, Customer.joined_into_id == move.from_id)
        .values(joined_into_id=None)
        .returning(Customer.id)
    )
    return revived.one_or_none() is not None


def _lock_both(session: Session, shop_id: UUID, first: UUID, second: UUID) -> None:
    rows = session.execute(LOCK_WHOLE, {"shop_id": shop_id, "ids": [first, second]}).all()
    found = {row.id: row for row in rows}
    for customer_id in (first, second):
        if customer_id not in found:
            raise CustomerNotFoundError(customer_id)
        if found[customer_id].erased_at:
            raise CustomerErasedError(customer_id)
        if found[customer_id].joined_into_id:
            raise JoinError("This customer was joined into another.", customer_id=str(customer_id))


def _open_join(session: Session, shop_id: UUID, ends: tuple[UUID, UUID], *, made_by: str, reason: str) -> _Move:
    from_id, to_id = ends
    join = CustomerJoin(
        id=new_id(), shop_id=shop_id, from_customer_id=from_id, to_customer_id=to_id, made_by=made_by, reason=reason
    )
    session.add(join)
    session.flush()  # Links and moved rows refer to it in plain SQL.
    return _Move(shop_id, join.id, from_id, to_id, made_by)


def _move_links(session: Session, move: _Move, identities: Sequence[UUID], reason: str) -> None:
    now = clock.now()
    closed = session.execute(CLOSE_LINKS, {**move.ends, "identity_ids": list(identities), "now": now}).scalars().all()
    session.add_all(
        IdentityLink(
            shop_id=move.shop_id,
            identity_id=identity_id,
            customer_id=move.to_id,
            valid_from=now,
            made_by=move.made_by,
            reason=reason,
            join_id=move.join_id,
        )
        for identity_id in closed
    )
    session.flush()  # Later statements read the links in plain SQL.


def _move_identity_rows(session: Session, move: _Move, identity_id: UUID) -> None:
    for table in _BY_IDENTITY:
        _move_rows(session, move, table, "m.identity_id = :identity_id", identity_id=identity_id)
    source = session.execute(select(SourceIdentity.source).where(SourceIdentity.id == identity_id)).scalar_one()
    asked = {"shop_id": move.shop_id, "customer_id": move.from_id, "source": source, "identity_id": identity_id}
    if session.execute(OTHER_OF_SOURCE, asked).scalar_one() == 0:
        for table in _BY_SOURCE:
            _move_rows(session, move, table, "m.source = :source", source=source)


def _move_rows(session: Session, move: _Move, table: str, condition: str, **values: object) -> None:
    """Move rows and note each; a row whose like is already there stays behind, for it says nothing more."""
    same = _FOLLOWING[table]
    unlike = (
        f"""AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.shop_id = :shop_id AND o.customer_id = :to_id
             AND ({", ".join(f"o.{name}" for name in same)}) = ({", ".join(f"m.{name}" for name in same)}))"""
        if same
        else ""
    )
    statement = f"""
        WITH moved AS (
            UPDATE {table} m SET customer_id = :to_id
             WHERE m.shop_id = :shop_id AND m.customer_id = :from_id AND {condition} {unlike}
            RETURNING m.id
        )
        INSERT INTO moved_rows (shop_id, join_id, table_name, row_id)
        SELECT :shop_id, :join_id, :table, id FROM moved ON CONFLICT DO NOTHING
        """
    session.execute(text(statement), {**move.ends, "table": table, **values})


def _move_back(session: Session, move: _Move, identities: Sequence[UUID]) -> None:
    for table in _FOLLOWING:
        since = "OR m.identity_id = ANY(:identity_ids)" if table in _BY_IDENTITY else ""
        statement = f"""
            UPDATE {table} m SET customer_id = :to_id
             WHERE m.shop_id = :shop_id AND m.customer_id = :from_id
               AND (m.id IN (SELECT row_id FROM moved_rows
                              WHERE shop_id = :shop_id AND join_id = :join_id AND table_name = :table) {since})
            """
        parameters = {**move.ends, "table": table}
        session.execute(text(statement), parameters | ({"identity_ids": list(identities)} if since else {}))


def _announce(session: Session, move: _Move, *, whole: bool) -> None:
    session.execute(
        update(Customer)
        .where(Customer.shop_id == move.shop_id, Customer.id.in_((move.from_id, move.to_id)))
        .values(version=Customer.version + 1, updated_at=clock.now())
    )
    details = {"from": str(move.from_id), "to": str(move.to_id), "whole": whole}
    record(session, "crm_link:customer:move", shop_id=move.shop_id, subject_id=move.join_id, details=details)
    publish(session, CustomersMoved(move.shop_id, move.from_id, move.to_id, whole))
    publish(session, CustomerChanged(move.shop_id, tuple(sorted((move.from_id, move.to_id)))))
