"""The customer file: cards, attributes, tags, ranks and consents of persons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.tabular.importer import Field, ImportContext, Preset, Row, RowOutcome, RowState
from crm_link.cards import is_identifiable
from crm_link.imports.fields import ATTRIBUTE_FIELDS, CUSTOMER_FIELDS, PURPOSE_FIELDS
from crm_link.imports.outcomes import UNIDENTIFIABLE, reject
from crm_link.imports.presets import CUSTOMER_PRESETS
from crm_link.kinds import ConsentState
from crm_link.marks import put_tag_lists, restate_consents, set_attributes, set_ranks
from crm_link.records import AttributeIn, CardState, ConsentIn, PersonIn, RankIn, ResolvedPerson
from crm_link.resolution import resolve_persons

_CARD = ("name", "kana", "company", "email", "phone", "postal_code", "region", "address1", "address2")


@dataclass(frozen=True)
class _Said:
    """One row that speaks of one customer, as of a moment."""

    row: Row
    customer_id: UUID
    source: str
    known_at: datetime


@dataclass(frozen=True)
class CustomerImporter:
    """Option `source`: the system the file comes from (its customer ids are unique there); "file" by default."""

    name: str = "crm_link.customers"
    label: str = "顧客"
    label_en: str = "Customers"
    fields: Sequence[Field] = CUSTOMER_FIELDS
    presets: Sequence[Preset] = CUSTOMER_PRESETS
    # Rows of one person stay together, so that a file that contradicts itself ends the same each time.
    group_field: str | None = "external_id"

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> Sequence[RowOutcome]:
        source = context.options.get("source", "file")
        persons = [_describe(row, context, source) for row in rows]
        known = [(row, person) for row, person in zip(rows, persons, strict=True) if is_identifiable(person)]
        resolved = resolve_persons(session, context.shop_id, [person for _, person in known])
        said = [
            _Said(row, found.customer_id, source, person.known_at or context.received_at)
            for (row, person), found in zip(known, resolved, strict=True)
        ]
        marked = _record_marks(session, context.shop_id, said)
        answered = {row.number for row, _ in known}
        refused = [reject(row, UNIDENTIFIABLE) for row in rows if row.number not in answered]
        return refused + list(_answer(said, resolved, marked))


def _describe(row: Row, context: ImportContext, source: str) -> PersonIn:
    values = row.values
    return PersonIn(
        source=source,
        external_id=values.get("external_id"),
        country=values.get("country") or context.country,
        known_at=values.get("updated_at"),
        **{name: values.get(name) for name in _CARD},
    )


def _record_marks(session: Session, shop_id: UUID, said: Sequence[_Said]) -> set[UUID]:
    """Append what differs from what is known; returns the customers it changed."""
    changed = set_attributes(session, shop_id, [mark for each in said for mark in _list_attributes(each)])
    changed += set_ranks(session, shop_id, [mark for each in said for mark in _list_ranks(each)])
    changed += restate_consents(session, shop_id, [mark for each in said for mark in _list_consents(each)])
    tags = [(each, each.row.values.get("tags")) for each in said if "tags" in each.row.values]
    changed += put_tag_lists(
        session, shop_id, [(each.customer_id, each.source, each.known_at, listed or ()) for each, listed in tags]
    )
    return set(changed)


def _list_attributes(said: _Said) -> Iterator[AttributeIn]:
    for name in ATTRIBUTE_FIELDS:
        value = said.row.values.get(name)
        if value is not None:
            yield AttributeIn(
                customer_id=said.customer_id, name=name, value=value, source=said.source, known_at=said.known_at
            )


def _list_ranks(said: _Said) -> Iterator[RankIn]:
    if rank := said.row.values.get("rank"):
        yield RankIn(customer_id=said.customer_id, rank=rank, source=said.source, known_at=said.known_at)


def _list_consents(said: _Said) -> Iterator[ConsentIn]:
    for name, purpose in PURPOSE_FIELDS.items():
        answer = said.row.values.get(name)
        if answer is not None:
            yield ConsentIn(
                customer_id=said.customer_id,
                purpose=purpose,
                state=ConsentState.GRANTED if answer else ConsentState.DENIED,
                source=said.source,
                occurred_at=said.known_at,
                known_at=said.known_at,
            )


def _answer(said: Sequence[_Said], resolved: Sequence[ResolvedPerson], marked: set[UUID]) -> Iterator[RowOutcome]:
    """The first row of a new customer made it; further rows of it in the same file changed it at most."""
    seen: set[UUID] = set()
    for each, found in zip(said, resolved, strict=True):
        if found.is_new and found.customer_id not in seen:
            state = RowState.NEW
        elif found.card is CardState.SAME and found.customer_id not in marked:
            state = RowState.SAME
        else:
            state = RowState.CHANGED
        seen.add(found.customer_id)
        yield RowOutcome(each.row.number, state)
