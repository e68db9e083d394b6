"""The table of invoices that were issued on request: which, of what, and its figures; nothing of a person."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class InvoiceKind(StrEnum):
    """適格請求書, 適格簡易請求書, 適格返還請求書: the kinds of templates of the same names."""

    INVOICE = "invoice"
    SIMPLIFIED_INVOICE = "simplified_invoice"
    RETURN_INVOICE = "return_invoice"


class Invoice(Keyed, ShopOwned, Base):
    """Content is issued once: asked for again, it is the same number. `totals` holds rate, net, tax, gross by rate.

    The figures are kept as the law asks of the issuer; names are drawn from the order, while it has them.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("shop_id", "serial"),
        UniqueConstraint("shop_id", "content_digest"),
        Index("ix_invoices_shop_id_order_id", "shop_id", "order_id"),
    )

    serial: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[InvoiceKind] = mapped_column(enum_column(InvoiceKind))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    shipment_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipments.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    currency: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger)
    totals: Mapped[list[Any]]
    transaction_on: Mapped[date]
    content_digest: Mapped[bytes]
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    issued_by: Mapped[UUID | None]

    @property
    def number(self) -> str:
        """Return the number that stands on it: I-00000123."""
        return f"I-{self.serial:08d}"
