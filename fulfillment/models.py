"""Tables of shipments: what goes where, in which boxes, and why it may not go yet. Packing and printing have their
own.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import PERSONAL, Base, Keyed, PartOfShop, ShopOwned, enum_column
from fulfillment.states import ParcelState, ShipmentState


def format_number(serial: int) -> str:
    return f"S-{serial:08d}"


class Bench(Keyed, Base):
    """A packing place in a warehouse."""

    __tablename__ = "benches"
    __table_args__ = (UniqueConstraint("warehouse_id", "name"),)

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    name: Mapped[str]


class Shipment(Keyed, ShopOwned, Base):
    """What goes to one address at one time.

    `revision` counts changes of what the box or its papers should hold; a shipment whose revision is not the printed
    one has to be printed again. `plan_key` names the part of an order it was planned from: planning twice makes one.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("shop_id", "serial"),
        UniqueConstraint("shop_id", "plan_key"),
        Index("ix_shipments_shop_id_state_id", "shop_id", "state", "id"),
        Index("ix_shipments_shop_id_accepted_at", "shop_id", "accepted_at", "id"),
        Index("ix_shipments_shop_id_customer_id", "shop_id", "customer_id", "id"),
        Index("ix_shipments_shop_id_wave_id", "shop_id", "wave_id", "wave_position"),
        Index("ix_shipments_shop_id_recipient_key", "shop_id", "recipient_key"),
        Index("ix_shipments_shop_id_resend_of_id", "shop_id", "resend_of_id"),
        # A row changes a dozen times in its life: with room beside it, its nine indexes need not follow each change.
        {"postgresql_with": {"fillfactor": 60}},
    )

    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    plan_key: Mapped[str]
    state: Mapped[ShipmentState] = mapped_column(enum_column(ShipmentState), default=ShipmentState.PLANNED)
    # Where a held shipment goes on when it is released.
    held_from: Mapped[ShipmentState | None] = mapped_column(enum_column(ShipmentState))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    wave_id: Mapped[UUID | None] = mapped_column(ForeignKey("waves.id"))
    wave_position: Mapped[int | None]
    # Buyer and recipient are two people when it is a gift.
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    recipient_customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    is_gift: Mapped[bool] = mapped_column(default=False)
    recipient_name: Mapped[str | None] = mapped_column(info=PERSONAL)
    # Normalised name, for search by equality and range.
    recipient_key: Mapped[str | None] = mapped_column(info=PERSONAL)
    recipient: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
    sender: Mapped[dict[str, Any] | None] = mapped_column(info=PERSONAL)
    language: Mapped[str] = mapped_column(default="ja")
    channel: Mapped[str]
    delivery_service: Mapped[str]
    temperature_zone: Mapped[str]
    desired_on: Mapped[date | None]
    desired_slot: Mapped[str | None]
    ship_not_before: Mapped[date | None]
    # When the order was accepted: seniority for scarce things.
    accepted_at: Mapped[datetime]
    priority: Mapped[int] = mapped_column(default=0)
    resend_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipments.id"))
    # What a person chose to send again: {"inserts": [{"key", "quantity"}], "letter"}; none: everything, by the rules.
    resend_choice: Mapped[dict[str, Any] | None]
    resend_reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    split_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipments.id"))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipments.id"))
    # Of a part that was split off to be sent later.
    later_from: Mapped[date | None]
    # A person parted it from others: no rule puts it into their box again.
    is_apart: Mapped[bool] = mapped_column(default=False)
    # Cancelled by a person: its goods are not planned again.
    is_given_up: Mapped[bool] = mapped_column(default=False)
    # Of everything planned from the order, to tell a change from a repeat.
    content_digest: Mapped[bytes | None] = mapped_column(info=PERSONAL)
    revision: Mapped[int] = mapped_column(default=1)
    printed_revision: Mapped[int | None]
    decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("decisions.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    handed_over_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """Return the number people use: S-00001234."""
        return format_number(self.serial)

    lines: Mapped[list["ShipmentLine"]] = relationship(order_by="ShipmentLine.position", back_populates="shipment")
    parcels: Mapped[list["Parcel"]] = relationship(order_by="Parcel.number", back_populates="shipment")
    holds: Mapped[list["ShipmentHold"]] = relationship(order_by="ShipmentHold.id", back_populates="shipment")


class ShipmentLine(Keyed, ShopOwned, Base):
    """So many of an order line go with this shipment: order lines and shipments are m:n."""

    __tablename__ = "shipment_lines"
    __table_args__ = (
        UniqueConstraint("shop_id", "shipment_id", "order_line_id"),
        Index("ix_shipment_lines_shop_id_order_line_id", "shop_id", "order_line_id"),
        Index("ix_shipment_lines_shop_id_order_id", "shop_id", "order_id"),
    )

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"))
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    position: Mapped[int]
    quantity: Mapped[int]

    shipment: Mapped[Shipment] = relationship(back_populates="lines")


class HoldReason(StrEnum):
    """Why a shipment may not go."""

    UNPAID = "unpaid"
    UNKNOWN_SKU = "unknown_sku"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_INCOMPLETE = "address_incomplete"
    CUSTOMER_MISSING = "customer_missing"
    TEST_ORDER = "test_order"
    CARE_FLAG = "care_flag"
    RULE = "rule"
    STOCK = "stock"
    CANNOT_DRAW = "cannot_draw"
    CHANGED_AFTER_PRINT = "changed_after_print"
    SCAN_CONFLICT = "scan_conflict"
    ERASED = "erased"
    PERSON = "person"


# Placed and lifted by the order's own state.
ORDER_HOLDS = frozenset(
    {
        HoldReason.UNPAID,
        HoldReason.UNKNOWN_SKU,
        HoldReason.ADDRESS_MISSING,
        HoldReason.ADDRESS_INCOMPLETE,
        HoldReason.CUSTOMER_MISSING,
        HoldReason.TEST_ORDER,
    }
)


class ShipmentHold(Keyed, ShopOwned, Base):
    """Why a shipment may not go; it goes on when its last open hold is lifted."""

    __tablename__ = "shipment_holds"
    __table_args__ = (
        Index(
            "uq_shipment_holds_open", "shop_id", "shipment_id", "reason", unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )  # fmt: skip

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    reason: Mapped[HoldReason] = mapped_column(enum_column(HoldReason))
    # Codes and places only, for example the SKU nobody knows or the field that cannot be drawn.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str | None] = mapped_column(info=PERSONAL)
    placed_at: Mapped[datetime] = mapped_column(default=clock.now)
    placed_by: Mapped[UUID | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]

    shipment: Mapped[Shipment] = relationship(back_populates="holds")


class Parcel(Keyed, PartOfShop, Base):
    """One box of a shipment, with its own scans and tracking number."""

    __tablename__ = "parcels"
    __table_args__ = (
        UniqueConstraint("shop_id", "shipment_id", "revision", "number"),
        Index("ix_parcels_shop_id_state_id", "shop_id", "state", "id"),
        Index(
            "uq_parcels_tracking",
            "shop_id",
            "tracking_number",
            unique=True,
            postgresql_where=text("tracking_number IS NOT NULL"),
        ),
    )

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    # Of the shipment, when its papers were printed; parcels of an earlier one are void.
    revision: Mapped[int]
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[ParcelState] = mapped_column(enum_column(ParcelState), default=ParcelState.OPEN)
    tracking_number: Mapped[str | None]
    box: Mapped[str | None]
    weight_g: Mapped[int | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[UUID | None]
    bench_id: Mapped[UUID | None] = mapped_column(ForeignKey("benches.id"))
    hand_over_id: Mapped[UUID | None] = mapped_column(ForeignKey("hand_overs.id"))
    handed_over_at: Mapped[datetime | None]

    shipment: Mapped[Shipment] = relationship(back_populates="parcels")


class RearrangementKind(StrEnum):
    SPLIT = "split"
    MERGE = "merge"


class Rearrangement(Keyed, ShopOwned, Base):
    """Lines that went from one shipment to another: split off from `kept_id` into `other_id`, or merged from `other_id`
    into `kept_id`. `lines` are [{"order_line_id", "quantity"}]. Nobody's act (`by` empty): the shop's rule.
    """

    __tablename__ = "rearrangements"
    __table_args__ = (
        Index(None, "shop_id", "kept_id"),
        Index(None, "shop_id", "other_id"),
    )

    kind: Mapped[RearrangementKind] = mapped_column(enum_column(RearrangementKind))
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    lines: Mapped[list[Any]]
    reason: Mapped[str | None] = mapped_column(info=PERSONAL)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]


class HandOver(Keyed, ShopOwned, Base):
    """Parcels given to a carrier at one time; its manifest is a stored file."""

    __tablename__ = "hand_overs"

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    delivery_service: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[UUID | None]
    parcel_count: Mapped[int]


class ReturnKind(StrEnum):
    RETURNED = "returned"
    UNDELIVERED = "undelivered"


class Return(Keyed, ShopOwned, Base):
    """A parcel that came back; its allotments are credited."""

    __tablename__ = "returns"
    __table_args__ = (UniqueConstraint("shop_id", "shipment_id", "kind"),)

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    kind: Mapped[ReturnKind] = mapped_column(enum_column(ReturnKind))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[UUID | None]
    note: Mapped[str | None] = mapped_column(info=PERSONAL)
