"""Tables of personalization: inserts and their stock, rulesets, decisions, allotments, fitted models."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import NEVER_DELETED, PERSONAL, Base, Keyed, ShopOwned, enum_column
from orders.kinds import LetterClass


class InsertKind(StrEnum):
    LEAFLET = "leaflet"
    SAMPLE = "sample"
    GIFT = "gift"
    LETTER = "letter"
    COUPON = "coupon"
    TASK = "task"  # gift wrap, のし: done, not put in


class WhenOut(StrEnum):
    """What happens to a rule whose insert is out of stock."""

    SKIP = "skip"
    SUBSTITUTE = "substitute"
    HOLD = "hold"
    BACK_ORDER = "back_order"


class DecisionMode(StrEnum):
    LIVE = "live"
    FREEZE = "freeze"  # stands: nobody senior can take its allotments any more


class AllotmentState(StrEnum):
    RESERVED = "reserved"
    PACKED = "packed"
    RETURNED = "returned"
    OWED = "owed"  # back-ordered: goes into the customer's next parcel


class Insert(Keyed, ShopOwned, Base):
    """Anything enclosed by decision. Weight and thickness are of one piece; market value is with tax."""

    __tablename__ = "inserts"
    __table_args__ = (UniqueConstraint("shop_id", "key"), Index(None, "shop_id", "gtin"), {"info": NEVER_DELETED})

    key: Mapped[str]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[InsertKind] = mapped_column(enum_column(InsertKind))
    letter_class: Mapped[LetterClass] = mapped_column(enum_column(LetterClass), default=LetterClass.NONE)
    sealed: Mapped[bool] = mapped_column(default=False)
    weight_g: Mapped[float] = mapped_column(default=0)
    thickness_mm: Mapped[float] = mapped_column(default=0)
    unit_cost: Mapped[int] = mapped_column(BigInteger, default=0)
    market_value: Mapped[int] = mapped_column(BigInteger, default=0)
    gtin: Mapped[str | None]  # GTIN-14, as on products
    picture_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    stocked: Mapped[bool] = mapped_column(default=True)
    when_out: Mapped[WhenOut] = mapped_column(enum_column(WhenOut), default=WhenOut.SKIP)
    substitute_id: Mapped[UUID | None] = mapped_column(ForeignKey("inserts.id"))
    allergens: Mapped[list[str]] = mapped_column(default=list)
    limit_per_customer: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class InsertStock(ShopOwned, Base):
    """Pieces of one insert in one warehouse: available = counted − reserved − packed.

    `packed` is what was packed since `counted_at`. Changed only under the insert's lock (`locks.py`).
    """

    __tablename__ = "insert_stock"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted"),
        CheckConstraint("reserved >= 0", name="reserved"),
    )

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"), primary_key=True)
    insert_id: Mapped[UUID] = mapped_column(ForeignKey("inserts.id"), primary_key=True)
    counted: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(default=clock.now)
    reserved: Mapped[int] = mapped_column(default=0)
    packed: Mapped[int] = mapped_column(default=0)


class Ruleset(Keyed, ShopOwned, Base):
    """The rules of a shop. `live_number` is the version that decides; none: nothing was published yet."""

    __tablename__ = "rulesets"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str] = mapped_column(default="main")
    live_number: Mapped[int | None]
    draft: Mapped[dict[str, Any] | None]
    draft_version: Mapped[int] = mapped_column(default=0)  # counts saved drafts: a stale editor is told so
    draft_saved_at: Mapped[datetime | None]
    draft_saved_by: Mapped[str | None]
    # Who has saved since the last publishing or discarding: each is on record once, not at every keystroke.
    draft_editors: Mapped[list[str]] = mapped_column(default=list)
    # Whether a second person must approve before a draft becomes a version.
    approval_required: Mapped[bool] = mapped_column(default=False)


class RulesetVersion(Keyed, ShopOwned, Base):
    """Immutable. `catalogue` is the table of templates and services that the document was checked against.

    `changes` counts what differs from the version before it (kind of change → how many rules).
    """

    __tablename__ = "ruleset_versions"
    __table_args__ = (UniqueConstraint("shop_id", "ruleset_id", "number"),)

    ruleset_id: Mapped[UUID] = mapped_column(ForeignKey("rulesets.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    catalogue: Mapped[dict[str, Any]]
    note: Mapped[str]
    published_by: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    approved_by: Mapped[str | None]
    restored_number: Mapped[int | None]  # the version it brought back
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)


class InsertSnapshot(ShopOwned, Base):
    """All inserts of a shop as they stood when something was decided, kept once per content (SHA-256) for replays."""

    __tablename__ = "insert_snapshots"

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    content: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Decision(Keyed, ShopOwned, Base):
    """What one ruleset version chose for one shipment. The current one of a shipment has no `superseded_at`.
    `counted_on` is the local day under which `rule_counts` holds it.

    `sealed` holds facts, request, what limits and stock showed, and the plan with its texts, under the buyer's key
    (a key of its own for a shipment without a customer). Erasure empties it, and with it `fired` and `lost`.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_current",
            "shop_id",
            "shipment_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index(None, "shop_id", "shipment_id", "decided_at"),
        Index(None, "shop_id", "customer_id"),
        Index(None, "shop_id", "recipient_customer_id"),
        # Room for the mark that it is counted; what is sealed stands elsewhere.
        {"postgresql_with": {"fillfactor": 60}},
    )

    # The shipment belongs to a package above: no foreign key.
    shipment_id: Mapped[UUID]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    recipient_customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("ruleset_versions.id"))
    inserts_digest: Mapped[bytes]
    mode: Mapped[DecisionMode] = mapped_column(enum_column(DecisionMode))
    moment: Mapped[datetime]
    accepted_at: Mapped[datetime]
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    superseded_at: Mapped[datetime | None]
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealing_keys.id"))
    sealed: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    fired: Mapped[list[Any] | None] = mapped_column(info=PERSONAL)
    lost: Mapped[list[Any] | None] = mapped_column(info=PERSONAL)
    erased_at: Mapped[datetime | None]
    counted_on: Mapped[date | None]


class Allotment(Keyed, ShopOwned, Base):
    """One insert promised to one shipment; limits and stock count these. Without insert: one use of a limited rule.

    Seniority is (`accepted_at`, `shipment_id`). `firm` ones belong to a frozen decision and are never taken away.
    """

    __tablename__ = "allotments"
    __table_args__ = (
        Index(None, "shop_id", "shipment_id"),
        Index(None, "shop_id", "customer_id", "accepted_at"),
        Index(
            "ix_allotments_rule",
            "shop_id",
            "rule_key",
            "accepted_at",
            postgresql_where=text("state IN ('reserved', 'packed', 'owed')"),
        ),
        Index(
            "ix_allotments_reserved",
            "shop_id",
            "insert_id",
            "warehouse_id",
            "accepted_at",
            postgresql_where=text("state = 'reserved'"),
        ),
        Index(
            "ix_allotments_owed",
            "shop_id",
            "owed_allotment_id",
            postgresql_where=text("owed_allotment_id IS NOT NULL"),
        ),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    shipment_id: Mapped[UUID]
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    rule_key: Mapped[str]
    insert_id: Mapped[UUID | None] = mapped_column(ForeignKey("inserts.id"))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    quantity: Mapped[int]
    packed_quantity: Mapped[int] = mapped_column(default=0)
    state: Mapped[AllotmentState] = mapped_column(enum_column(AllotmentState))
    firm: Mapped[bool] = mapped_column(default=False)
    accepted_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    packed_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    # Shipments that count as one: the first box of a split order, or the one that is sent again. Else the shipment.
    root_id: Mapped[UUID]
    # The promise of an earlier parcel that this one keeps.
    owed_allotment_id: Mapped[UUID | None] = mapped_column(ForeignKey("allotments.id"))


class FittedModel(Keyed, ShopOwned, Base):
    """Parameters of a prediction, fitted only on what was known before `known_until`, or why there are none."""

    __tablename__ = "fitted_models"
    __table_args__ = (UniqueConstraint("shop_id", "kind", "known_until"),)

    kind: Mapped[str]
    known_until: Mapped[datetime]
    customers: Mapped[int]
    parameters: Mapped[dict[str, Any]]
    refused: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fitted_at: Mapped[datetime] = mapped_column(default=clock.now)
