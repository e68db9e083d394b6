"""What other packages hand to crm_link: persons, touchpoints, consents and the counts that come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_link.kinds import ConsentState, Purpose, TouchpointKind


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonIn:
    """A person as one system describes them. Needs an external id, an e-mail address or a telephone number to be
    found again.

    `region` is the prefecture; `address1` the city and street, `address2` the building. `known_at` none: now.
    An older card (by `known_at`) never overwrites a newer one; an absent value never empties a known one.
    """

    source: str
    external_id: str | None = None
    name: str | None = None
    kana: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str = "JP"
    postal_code: str | None = None
    region: str | None = None
    address1: str | None = None
    address2: str | None = None
    known_at: datetime | None = None


class CardState(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ResolvedPerson:
    """Who a described person is: the customer, the identity within its source, and what the description changed."""

    customer_id: UUID
    identity_id: UUID
    is_new: bool
    card: CardState


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchpointLineIn:
    sku: str
    quantity: int
    amount: int | None = None
    category: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TouchpointIn:
    """One event of a customer's history; (source, kind, external_id) names it within the shop.

    `known_at` is when the shop could know this version of it. With `lines`, skus, categories and quantity default to
    theirs.
    `cancelled` keeps it for the record and out of every count from `known_at` on.
    """

    customer_id: UUID
    kind: TouchpointKind
    source: str
    external_id: str
    occurred_at: datetime
    known_at: datetime
    identity_id: UUID | None = None
    cancelled: bool = False
    amount: int | None = None
    currency: str | None = None
    quantity: int | None = None
    channel: str | None = None
    campaign: str | None = None
    status: str | None = None
    score: float | None = None
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    title: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[TouchpointLineIn, ...] = ()


@dataclass(frozen=True, slots=True)
class TouchpointCounts:
    """new + changed + same + erased = touchpoints given. `erased`: of customers that were erased; not recorded."""

    new: int = 0
    changed: int = 0
    same: int = 0
    erased: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentIn:
    customer_id: UUID
    purpose: Purpose
    state: ConsentState
    source: str
    occurred_at: datetime
    known_at: datetime | None = None
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeIn:
    """A typed value; the Python type tells which: str, bool, int, Decimal, float or date. None: no longer known."""

    customer_id: UUID
    name: str
    value: str | bool | int | float | Decimal | date | None
    source: str
    known_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TagIn:
    customer_id: UUID
    tag: str
    source: str
    present: bool = True
    known_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RankIn:
    customer_id: UUID
    rank: str | None
    source: str
    scheme: str = "default"
    known_at: datetime | None = None
