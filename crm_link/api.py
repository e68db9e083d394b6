"""JSON endpoints of customers. Every reading of a person's data is on record."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from core import clock
from core.audit.service import record
from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.web import SessionDep, require
from crm_link import queries, searching, service
from crm_link.kinds import TouchpointKind
from crm_link.living import require_living
from crm_link.records import ConsentIn
from crm_link.schemas import (
    CareFlagBody,
    CareFlagMadeOut,
    CareFlagOut,
    ConsentBody,
    CustomerOut,
    CustomerPageOut,
    CustomerRowOut,
    IdentityOut,
    JoinBody,
    JoinOut,
    SeparationBody,
    TouchpointOut,
)
from crm_link.touchpoint_shapes import TouchpointsBody, TouchpointsOut

NOBODY = UUID(int=0)
router = APIRouter(prefix="/api", tags=["customers"])
Office = Annotated[Access, require(Role.OPERATOR, Role.CUSTOMER_SUCCESS)]
Care = Annotated[Access, require(Role.CUSTOMER_SUCCESS)]


@router.get("/customers")
def search_customers(
    access: Office,
    session: SessionDep,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=300)] = None,
    after_id: UUID | None = None,
) -> CustomerPageOut:
    """Find by e-mail, telephone or postal number, external id, name or reading; without `q` the newest."""
    if q.strip():
        key = (after, after_id) if after is not None and after_id is not None else None
        page = searching.search_customers(session, access.shop_id, q, after=key)
    else:
        rows = searching.list_newest(session, access.shop_id, before=after_id)
        page = searching.CustomerPage(rows, ("", rows[-1].customer_id) if len(rows) == searching.PAGE else None)
    record(session, "crm_link:customers:search", shop_id=access.shop_id, details={"rows": len(page.rows)})
    return CustomerPageOut(
        customers=[CustomerRowOut.model_validate(row) for row in page.rows],
        after=page.after[0] if page.after else None,
        after_id=page.after[1] if page.after else None,
    )


@router.get("/customers/{customer_id}")
def show_customer(customer_id: UUID, access: Office, session: SessionDep) -> CustomerOut:
    profile = queries.get_profile(session, access.shop_id, customer_id)
    current = profile.customer.id
    record(session, "crm_link:customer:read", shop_id=access.shop_id, subject_id=current)
    return CustomerOut(
        id=current,
        erased_at=profile.customer.erased_at,
        cards=[CustomerRowOut.model_validate(card) for card in profile.cards],
        identities=[IdentityOut.model_validate(identity) for identity in profile.identities],
        purposes=profile.purposes,
        care_flags=[CareFlagOut.model_validate(flag) for flag in profile.flags],
        tags=list(profile.tags),
        ranks=profile.ranks,
        attributes=profile.attributes,
    )


@router.get("/customers/{customer_id}/touchpoints")
def list_touchpoints(
    customer_id: UUID,
    access: Office,
    session: SessionDep,
    kind: Annotated[list[TouchpointKind], Query()] = [],  # noqa: B006 (FastAPI copies it)
    before: datetime | None = None,
    before_id: UUID | None = None,
) -> list[TouchpointOut]:
    """Newest first, fifty at a time; `before` and `before_id` are occurred_at and id of the last one shown."""
    current = queries.get_profile(session, access.shop_id, customer_id).customer.id
    record(session, "crm_link:timeline:read", shop_id=access.shop_id, subject_id=current)
    key = (before, before_id) if before is not None and before_id is not None else None
    found = queries.list_timeline(session, access.shop_id, current, before=key, kinds=kind)
    return [TouchpointOut.model_validate(touchpoint) for touchpoint in found]


@router.post("/touchpoints")
def record_touchpoints(sent: TouchpointsBody, access: Office, session: SessionDep) -> TouchpointsOut:
    """Take in what other systems know of customers. Sending it again is harmless; a change of content is a further
    version. What it changes for parcels that have not left is decided within seconds.
    """
    persons = [(place, body) for place, body in enumerate(sent.touchpoints) if body.person is not None]
    found = service.resolve_customers(
        session, access.shop_id, [body.person.to_person(body.source) for _, body in persons if body.person]
    )
    resolved = dict(zip([place for place, _ in persons], found, strict=True))
    touchpoints = [
        body.to_touchpoint(resolved.get(place) or body.customer_id or NOBODY)
        for place, body in enumerate(sent.touchpoints)
    ]
    counts = service.record_touchpoints(session, access.shop_id, touchpoints)
    details = {"new": counts.new, "changed": counts.changed}
    record(session, "crm_link:touchpoints:record", shop_id=access.shop_id, details=details)
    return TouchpointsOut(new=counts.new, changed=counts.changed, same=counts.same, erased=counts.erased)


@router.post("/customers/{customer_id}/consents", status_code=204)
def record_consent(customer_id: UUID, sent: ConsentBody, access: Care, session: SessionDep) -> None:
    current = require_living(session, access.shop_id, customer_id)
    occurred_at = sent.occurred_at or clock.now()
    if occurred_at.tzinfo is None:
        raise InvalidInputError("occurred_at needs a time zone.", field="occurred_at")
    consent = ConsentIn(
        customer_id=current,
        purpose=sent.purpose,
        state=sent.state,
        source="staff",
        occurred_at=occurred_at,
        evidence=sent.evidence,
    )
    service.record_consents(session, access.shop_id, [consent])
    details = {"purpose": sent.purpose.value, "state": sent.state.value}
    record(session, "crm_link:consent:record", shop_id=access.shop_id, subject_id=current, details=details)


@router.post("/customers/{customer_id}/care-flags", status_code=201)
def set_care_flag(customer_id: UUID, sent: CareFlagBody, access: Care, session: SessionDep) -> CareFlagMadeOut:
    flag_id = service.set_care_flag(
        session, access.shop_id, customer_id, sent.kind, subject=sent.subject, note=sent.note
    )
    return CareFlagMadeOut(id=flag_id)


@router.post("/care-flags/{care_flag_id}/end", status_code=204)
def end_care_flag(care_flag_id: UUID, access: Care, session: SessionDep) -> None:
    service.end_care_flag(session, access.shop_id, care_flag_id)


@router.post("/customers/{customer_id}/join", status_code=201)
def join_customer(customer_id: UUID, sent: JoinBody, access: Care, session: SessionDep) -> JoinOut:
    """Let another customer take over everything of this one: they are the same person."""
    join_id = service.join_customers(
        session,
        access.shop_id,
        customer_id,
        sent.into_customer_id,
        made_by=_name_caller(access),
        reason=sent.reason,
    )
    return JoinOut(customer_id=sent.into_customer_id, join_id=join_id)


@router.post("/source-identities/{source_identity_id}/separate", status_code=201)
def separate_identity(source_identity_id: UUID, sent: SeparationBody, access: Care, session: SessionDep) -> JoinOut:
    """Make a customer of its own for an identity that was taken for another person."""
    customer_id, join_id = service.separate_identity(
        session, access.shop_id, source_identity_id, made_by=_name_caller(access), reason=sent.reason
    )
    return JoinOut(customer_id=customer_id, join_id=join_id)


@router.post("/customer-joins/{customer_join_id}/undo", status_code=204)
def undo_join(customer_join_id: UUID, access: Care, session: SessionDep) -> None:
    service.undo_join(session, access.shop_id, customer_join_id, made_by=_name_caller(access))


@router.post("/customers/{customer_id}/erase", status_code=204)
def erase_customer(customer_id: UUID, access: Care, session: SessionDep) -> None:
    """Erase the person for good; figures of purchases stay, belonging to nobody."""
    service.erase_customer(session, access.shop_id, customer_id)


def _name_caller(access: Access) -> str:
    return f"{access.principal.kind}:{access.principal.id}"
