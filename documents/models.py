"""Tables of documents: templates, their immutable versions, pictures."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import NEVER_DELETED, Base, Keyed, ShopOwned, enum_column
from documents.templates import Kind
from orders.kinds import LetterClass


class DocumentTemplate(Keyed, ShopOwned, Base):
    """A layout of a shop in one language. `latest_number` is the version in force; 0: nothing was published yet."""

    __tablename__ = "document_templates"
    __table_args__ = (UniqueConstraint("shop_id", "key", "language"),)

    key: Mapped[str]
    language: Mapped[str]
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    name_ja: Mapped[str]
    name_en: Mapped[str]
    latest_number: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    draft: Mapped[dict[str, Any] | None]
    draft_version: Mapped[int] = mapped_column(default=0)  # counts saved drafts: a stale designer is told so
    draft_saved_at: Mapped[datetime | None]
    draft_saved_by: Mapped[str | None]
    # Who has saved since the draft was begun: each is on record once, not at every change.
    draft_editors: Mapped[list[str]] = mapped_column(default=list)


class TemplateVersion(Keyed, ShopOwned, Base):
    """What was published, never changed. `sha256` is over the canonical JSON of `document`.

    `pictures` holds the file of each picture of the library that the document names, as it was then (key → file id).
    """

    __tablename__ = "template_versions"
    __table_args__ = (UniqueConstraint("shop_id", "template_id", "number"), {"info": NEVER_DELETED})

    template_id: Mapped[UUID] = mapped_column(ForeignKey("document_templates.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    letter_class: Mapped[LetterClass] = mapped_column(enum_column(LetterClass))
    sealed: Mapped[bool]
    from_gallery: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by: Mapped[str] = mapped_column(default="")
    restored_number: Mapped[int | None]  # the version it brought back
    pictures: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PictureSource(StrEnum):
    UPLOAD = "upload"
    LETTERHEAD = "letterhead"


class DocumentPicture(Keyed, ShopOwned, Base):
    """A picture of the shop's library: templates name it by its key, or show it in the slot that is named so (logo).

    `width_mm` and `height_mm` are its own size on paper, where it has one: that of a letterhead's page.
    """

    __tablename__ = "document_pictures"
    __table_args__ = (UniqueConstraint("shop_id", "key"),)

    key: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    name: Mapped[str] = mapped_column(default="")
    source: Mapped[PictureSource] = mapped_column(enum_column(PictureSource), default=PictureSource.UPLOAD)
    width_px: Mapped[int]
    height_px: Mapped[int]
    width_mm: Mapped[float | None]
    height_mm: Mapped[float | None]
    stored_by: Mapped[str] = mapped_column(default="")
    stored_at: Mapped[datetime] = mapped_column(default=clock.now)
