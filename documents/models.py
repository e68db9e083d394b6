"""Tables of documents: templates, their immutable versions, pictures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column
from documents.templates import Kind
from orders.kinds import LetterClass


class DocumentTemplate(Keyed, ShopOwned, Base):
    """A layout of a shop in one language. `latest_number` is the version in force."""

    __tablename__ = "document_templates"
    __table_args__ = (UniqueConstraint("shop_id", "key", "language"),)

    key: Mapped[str]
    language: Mapped[str]
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    name_ja: Mapped[str]
    name_en: Mapped[str]
    latest_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class TemplateVersion(Keyed, ShopOwned, Base):
    """What was published, never changed. `sha256` is over the canonical JSON of `document`."""

    __tablename__ = "template_versions"
    __table_args__ = (UniqueConstraint("shop_id", "template_id", "number"),)

    template_id: Mapped[UUID] = mapped_column(ForeignKey("document_templates.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    letter_class: Mapped[LetterClass] = mapped_column(enum_column(LetterClass))
    sealed: Mapped[bool]
    from_gallery: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime] = mapped_column(default=clock.now)


class DocumentPicture(Keyed, ShopOwned, Base):
    """A picture that templates show through a slot, for example the logo."""

    __tablename__ = "document_pictures"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    width_px: Mapped[int]
    height_px: Mapped[int]
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)
