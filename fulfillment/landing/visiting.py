"""Finds where a code leads, and remembers a visit: in the history of a customer who allows it, or as a figure of
nobody. Decision 0125.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.codes import LENGTH, find_code, read_code
from core.db import session_scope, system_scope
from core.limits import claim, keyed_hash
from core.tenancy import Shop, get_shop
from crm_link.kinds import ConsentState, Purpose, TouchpointKind
from crm_link.living import follow_joins
from crm_link.queries import purposes_of
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from documents.models import DocumentTemplate, TemplateVersion
from fulfillment.dispatch.recording import SOURCE
from fulfillment.landing.addresses import LandingError, build_address, check_address, fill
from fulfillment.landing.models import VisitCount
from fulfillment.landing.queries import NOT_FOR_CUSTOMERS
from fulfillment.landing.service import Choice, load_choice
from fulfillment.models import Parcel, Shipment
from fulfillment.packing.models import Copy, CopyState
from fulfillment.printing.part_printing import COPY_CODES

# What analytics tools take for one visit.
WINDOW: Final = timedelta(minutes=30)
CHANNEL: Final = "qr"
LOCK: Final = text("SELECT pg_advisory_xact_lock(:key)")
# Within the window; a customer's history is long, their visits of half an hour are few.
FIND_VISIT: Final = text(
    """
    SELECT 1 FROM touchpoints
     WHERE shop_id = :shop_id AND customer_id = :customer_id AND kind = 'qr_visit' AND occurred_at > :since
       AND source = :source AND starts_with(external_id, :copy) AND state <> 'superseded' LIMIT 1
    """
)


@dataclass(frozen=True, slots=True)
class Paper:
    """The printed copy behind a code: what it is, when its box left, and whose it is."""

    copy_id: UUID
    shipment_id: UUID
    number: str
    template_key: str
    language: str
    is_for_customer: bool
    is_void: bool
    left_at: datetime | None
    person_id: UUID | None


@dataclass(frozen=True, slots=True)
class Landing:
    """`address` none: there is nowhere to send the visitor; `is_expired`: the shop's name and general link only."""

    code: str
    shop: Shop
    paper: Paper | None
    choice: Choice
    is_expired: bool
    address: str | None
    campaign: str


class Visit(StrEnum):
    """What became of a visit."""

    KNOWN = "known"
    ANONYMOUS = "anonymous"
    SAME = "same"
    NOT_COUNTED = "not_counted"


def find_landing(text: str) -> Landing | None:
    """Return where this code leads; none for one that is unknown, or none at all. Both cost the same."""
    code = read_code(text)
    with system_scope() as session:
        found = find_code(session, code or "0" * LENGTH)
    if found is None or code is None:
        return None
    with session_scope([found.shop_id]) as session:
        paper = _find_paper(session, found.shop_id, found.ref_id) if found.kind == COPY_CODES else None
        return _make_landing(code, get_shop(session, found.shop_id), paper, load_choice(session, found.shop_id))


def _find_paper(session: Session, shop_id: UUID, copy_id: UUID) -> Paper | None:
    row = session.execute(
        select(Copy, Shipment, Parcel.handed_over_at, DocumentTemplate.key)
        .join(Shipment, Shipment.id == Copy.shipment_id)
        .join(Parcel, Parcel.id == Copy.parcel_id)
        .outerjoin(TemplateVersion, TemplateVersion.id == Copy.template_version_id)
        .outerjoin(DocumentTemplate, DocumentTemplate.id == TemplateVersion.template_id)
        .where(Copy.shop_id == shop_id, Copy.id == copy_id)
    ).one_or_none()
    if row is None:
        return None
    copy, shipment, handed_over_at, template_key = row
    return Paper(
        copy_id=copy.id,
        shipment_id=shipment.id,
        number=shipment.number,
        template_key=template_key or copy.kind,
        language=shipment.language,
        is_for_customer=copy.kind not in NOT_FOR_CUSTOMERS,
        is_void=copy.state is CopyState.VOID,
        left_at=handed_over_at or shipment.handed_over_at,
        person_id=_find_person(shipment),
    )


def _find_person(shipment: Shipment) -> UUID | None:
    """Return who opens the box: of a gift its recipient, whom the shop may not know; never its buyer."""
    return shipment.recipient_customer_id or (None if shipment.is_gift else shipment.customer_id)


def _make_landing(code: str, shop: Shop, paper: Paper | None, choice: Choice) -> Landing:
    if paper is None:
        return Landing(code, shop, None, choice, is_expired=False, address=None, campaign="")
    values = {
        "shop": shop.slug,
        "template": paper.template_key,
        "language": paper.language,
        "month": f"{(paper.left_at or clock.now()).astimezone(shop.zone):%Y-%m}",
    }
    names = choice.campaign_of(paper.template_key)
    target = choice.address_of(paper.template_key)
    return Landing(
        code,
        shop,
        paper,
        choice,
        is_expired=_is_expired(paper, choice),
        address=build_address(target, names, values) if target else None,
        campaign=fill(names.campaign, values) or paper.template_key,
    )


def _is_expired(paper: Paper, choice: Choice) -> bool:
    days = choice.expires_after_days
    return days is not None and paper.left_at is not None and clock.now() > paper.left_at + timedelta(days=days)


def record_visit(landing: Landing) -> Visit:
    """Remember that somebody followed this code: once within half an hour, however often and wherever it is told.

    Nothing is counted before the box has left (that was the warehouse), of a label, or after expiry. A void copy, an
    unknown person and one who does not allow it count as nobody.
    """
    paper = landing.paper
    if paper is None or not paper.is_for_customer or paper.left_at is None or landing.is_expired:
        return Visit.NOT_COUNTED
    with session_scope([landing.shop.id]) as session:
        person = None if paper.is_void or paper.person_id is None else _find_allowing(session, landing, paper.person_id)
        visit = _record_known(session, landing, paper, person) if person else None
        if visit is None:
            is_first = claim(f"visit:{paper.copy_id}", int(WINDOW.total_seconds()))
            visit = Visit.ANONYMOUS if is_first else Visit.SAME
        if visit is not Visit.SAME:
            _count(session, landing, paper, is_known=visit is Visit.KNOWN)
        return visit


def _find_allowing(session: Session, landing: Landing, person_id: UUID) -> UUID | None:
    """Return the living customer that stands for this one, if being measured is allowed."""
    current = follow_joins(session, landing.shop.id, [person_id]).get(person_id)
    if current is None:
        return None
    state = purposes_of(session, landing.shop.id, [current])[current][Purpose.MEASUREMENT]
    wanted = {ConsentState.GRANTED} if landing.choice.granted_only else {ConsentState.GRANTED, ConsentState.UNKNOWN}
    return current if state in wanted else None


def _record_known(session: Session, landing: Landing, paper: Paper, person_id: UUID) -> Visit | None:
    """Write the touchpoint; none when the customer was erased. Visits of one copy wait for each other here.

    The lock is taken before the customer's: an erasure holds the customer and then the copies, so no copy is locked.
    """
    shop_id, now = landing.shop.id, clock.now()
    session.execute(LOCK, {"key": int(keyed_hash(f"visit:{paper.copy_id}")[:15], 16)})
    wanted = {
        "shop_id": shop_id,
        "customer_id": person_id,
        "since": now - WINDOW,
        "source": SOURCE,
        "copy": str(paper.copy_id),
    }
    if session.execute(FIND_VISIT, wanted).first():
        return Visit.SAME
    counts = record_touchpoints(session, shop_id, [_to_touchpoint(landing, paper, person_id, now)])
    return None if counts.erased else Visit.KNOWN


def _to_touchpoint(landing: Landing, paper: Paper, person_id: UUID, now: datetime) -> TouchpointIn:
    return TouchpointIn(
        customer_id=person_id,
        kind=TouchpointKind.QR_VISIT,
        source=SOURCE,
        external_id=f"{paper.copy_id}/{now:%Y%m%dT%H%M%S.%f}",
        occurred_at=now,
        known_at=now,
        channel=CHANNEL,
        campaign=landing.campaign,
        title=paper.number,
        attributes={"shipment": str(paper.shipment_id), "template": paper.template_key},
    )


def _count(session: Session, landing: Landing, paper: Paper, *, is_known: bool) -> None:
    row = upsert(VisitCount).values(
        shop_id=landing.shop.id,
        day=clock.now().astimezone(landing.shop.zone).date(),
        template_key=paper.template_key,
        visits=1,
        known=int(is_known),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["shop_id", "day", "template_key"],
            set_={"visits": VisitCount.visits + 1, "known": VisitCount.known + row.excluded.known},
        )
    )


def find_general_address(shop: Shop, choice: Choice) -> str | None:
    """Return the shop's own address without any campaign; none when it has none that a link may show."""
    written = str(shop.profile.get("url") or "") or choice.address
    address = written if "://" in written or not written else f"https://{written}"
    try:
        return check_address("url", address.replace("http://", "https://", 1)) if address else None
    except LandingError:
        return None
