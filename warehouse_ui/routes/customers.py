"""Customers: finding one by what a person on the telephone says, and everything one needs to answer."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from core import clock
from core.audit.service import record
from core.auth.roles import Access, Role
from core.errors import ErasedError, InvalidInputError
from core.web import SessionDep, require
from crm_link.care import end_care_flag, set_care_flag
from crm_link.erasure import erase_customer
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind
from crm_link.marks import record_consents
from crm_link.queries import ActiveFlag, get_profile, list_timeline, read_care_note
from crm_link.records import ConsentIn
from crm_link.searching import CustomerPage, list_customers, list_newest, search_customers
from crm_link.tickets import close_ticket, open_complaint
from fulfillment.queries import ShipmentFilter, find_customers_by_number, list_shipments
from warehouse_ui.answers import go_to, is_fragment
from warehouse_ui.customer_card import drop_repeated_cards, name_goods
from warehouse_ui.i18n import gettext
from warehouse_ui.navigation import CUSTOMERS
from warehouse_ui.paging import make_links, read_key, write_key
from warehouse_ui.templating import render

router = APIRouter(prefix="/customers", include_in_schema=False)

Office = Annotated[Access, require(*CUSTOMERS)]
Care = Annotated[Access, require(Role.CUSTOMER_SUCCESS)]
PAGE = 50
SOURCE = "staff"


@router.get("")
def show_list(request: Request, access: Office, session: SessionDep, q: str = "", before: str = "") -> Response:
    """Find customers; without a question the newest. On record is that somebody looked, not what was asked."""
    page = _find(session, access.shop_id, q.strip(), before)
    following = f"{page.after[0]}~{page.after[1]}" if page.after else None
    details = {"rows": len(page.rows)}
    record(session, "crm_link:customers:search", shop_id=access.shop_id, details=details)
    values = {
        "rows": page.rows,
        "q": q,
        "links": make_links("/customers", {"q": q}, current=before, following=following),
    }
    template = "fragments/customer_list.html" if is_fragment(request) else "pages/customers.html"
    return render(request, template, access, session, **values)


def _find(session: SessionDep, shop_id: UUID, query: str, before: str) -> CustomerPage:
    text, _, key = before.rpartition("~")
    last = _read_id(key) if before else None
    if query and not before and any(character.isdecimal() for character in query):
        # An order, shipment or tracking number leads to its people, before whatever else it may be the beginning of.
        numbered = find_customers_by_number(session, shop_id, query)
        if numbered:
            return CustomerPage(list_customers(session, shop_id, numbered))
    if query:
        return search_customers(session, shop_id, query, after=(text, last) if last else None, limit=PAGE)
    rows = list_newest(session, shop_id, before=last, limit=PAGE)
    return CustomerPage(rows, ("", rows[-1].customer_id) if len(rows) == PAGE else None)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@router.get("/{customer_id}")
def show_customer(
    request: Request, customer_id: UUID, access: Office, session: SessionDep, before: str = "", kind: str = ""
) -> Response:
    profile = get_profile(session, access.shop_id, customer_id)
    current = profile.customer.id
    record(session, "crm_link:customer:read", shop_id=access.shop_id, subject_id=current)
    values = {
        "profile": profile,
        "customer": profile.customer,
        "card": profile.cards[0] if profile.cards else None,
        "cards": drop_repeated_cards(profile.cards),
        "notes": {flag.id: _read_note(session, access.shop_id, flag) for flag in profile.flags},
        "shipments": list_shipments(session, access.shop_id, ShipmentFilter(customer_id=current), limit=10),
        "care_kinds": list(CareKind),
        "consent_states": list(ConsentState),
        "may_care": access.principal.has_role(access.shop_id, Role.CUSTOMER_SUCCESS),
        **_timeline(session, access, current, before, kind),
    }
    template = "fragments/customer_timeline.html" if is_fragment(request) else "pages/customer.html"
    return render(request, template, access, session, **values)


def _read_note(session: SessionDep, shop_id: UUID, flag: ActiveFlag) -> str | None:
    try:
        return read_care_note(session, shop_id, flag.id)
    except ErasedError:
        return None


def _timeline(session: SessionDep, access: Access, customer_id: UUID, before: str, kind: str) -> dict[str, Any]:
    kinds = [TouchpointKind(kind)] if kind in set(TouchpointKind) else []
    moments = list_timeline(session, access.shop_id, customer_id, before=read_key(before), kinds=kinds, limit=PAGE + 1)
    shown = moments[:PAGE]
    following = write_key(shown[-1].occurred_at, shown[-1].id) if len(moments) > PAGE else None
    links = make_links(f"/customers/{customer_id}", {"kind": kind}, current=before, following=following)
    names = name_goods(session, access.shop_id, {sku for moment in shown for sku in moment.skus})
    return {"moments": shown, "kind": kind, "kinds": list(TouchpointKind), "links": links, "goods": names}


@router.post("/{customer_id}/flags")
def add_flag(
    customer_id: UUID,
    access: Care,
    session: SessionDep,
    kind: Annotated[CareKind, Form()],
    subject: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Put a care flag on; shipments of this customer that are under way are decided again."""
    if kind is CareKind.ALLERGY and not subject.strip():
        raise InvalidInputError(gettext("何に対するアレルギーかを入力してください。"), field="subject")
    set_care_flag(
        session, access.shop_id, customer_id, kind, subject=subject.strip() or None, note=note.strip() or None
    )
    return go_to(f"/customers/{customer_id}", "flag_set")


@router.post("/{customer_id}/flags/{flag_id}/end")
def end_flag(customer_id: UUID, flag_id: UUID, access: Care, session: SessionDep) -> Response:
    end_care_flag(session, access.shop_id, flag_id)
    return go_to(f"/customers/{customer_id}", "flag_ended")


@router.post("/{customer_id}/complaints")
def add_complaint(
    customer_id: UUID, access: Care, session: SessionDep, title: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Take down a complaint; parcels of this customer that have not left are decided again or stop."""
    if not title.strip():
        raise InvalidInputError(gettext("お申し出の内容を入力してください。"), field="title")
    open_complaint(session, access.shop_id, customer_id, title=title.strip())
    return go_to(f"/customers/{customer_id}", "complaint_recorded")


@router.post("/{customer_id}/tickets/{touchpoint_id}/close")
def end_ticket(customer_id: UUID, touchpoint_id: UUID, access: Care, session: SessionDep) -> Response:
    close_ticket(session, access.shop_id, touchpoint_id)
    return go_to(f"/customers/{customer_id}", "ticket_closed")


@router.post("/{customer_id}/consents")
def record_consent(
    customer_id: UUID,
    access: Care,
    session: SessionDep,
    purpose: Annotated[Purpose, Form()],
    state: Annotated[ConsentState, Form()],
) -> Response:
    get_profile(session, access.shop_id, customer_id)
    consent = ConsentIn(customer_id=customer_id, purpose=purpose, state=state, source=SOURCE, occurred_at=clock.now())
    record_consents(session, access.shop_id, [consent])
    return go_to(f"/customers/{customer_id}", "consent_recorded")


@router.post("/{customer_id}/erase")
def erase(customer_id: UUID, access: Care, session: SessionDep, confirmed: Annotated[str, Form()] = "") -> Response:
    """Erase for good; the form has a box to tick, so that no slip of the finger does it."""
    if confirmed != "yes":
        raise InvalidInputError(gettext("消去するには、確認の欄に印を付けてください。"), field="confirmed")
    erase_customer(session, access.shop_id, customer_id)
    return go_to(f"/customers/{customer_id}", "erased")
