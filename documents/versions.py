"""The templates of a shop and their versions: what there is, what changed when by whom, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.audit.service import record
from documents.drafting import get_row
from documents.errors import TemplateChangedError, TemplateNotFoundError
from documents.models import DocumentTemplate, TemplateVersion
from documents.service import PublishedTemplate, publish_template
from documents.templates import Kind
from orders.kinds import LetterClass


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A template as the list shows it. `number` 0: nothing was published yet."""

    key: str
    language: str
    kind: Kind
    name_ja: str
    name_en: str
    number: int
    letter_class: LetterClass | None
    sealed: bool
    published_at: datetime | None
    published_by: str
    from_gallery: bool
    draft_version: int
    draft_saved_at: datetime | None
    draft_saved_by: str | None


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One published version, without its document."""

    number: int
    note: str
    published_by: str
    published_at: datetime
    restored_number: int | None
    from_gallery: bool


def list_templates(session: Session, shop_id: UUID) -> list[TemplateEntry]:
    """Return every template of the shop by kind, key and language, with its version in force."""
    statement = (
        select(DocumentTemplate, TemplateVersion)
        .outerjoin(
            TemplateVersion,
            and_(
                TemplateVersion.shop_id == DocumentTemplate.shop_id,
                TemplateVersion.template_id == DocumentTemplate.id,
                TemplateVersion.number == DocumentTemplate.latest_number,
            ),
        )
        .where(DocumentTemplate.shop_id == shop_id)
        .order_by(DocumentTemplate.kind, DocumentTemplate.key, DocumentTemplate.language.desc())
    )
    return [_to_entry(template, version) for template, version in session.execute(statement)]


def _to_entry(template: DocumentTemplate, version: TemplateVersion | None) -> TemplateEntry:
    return TemplateEntry(
        key=template.key,
        language=template.language,
        kind=template.kind,
        name_ja=template.name_ja,
        name_en=template.name_en,
        number=template.latest_number,
        letter_class=version.letter_class if version else None,
        sealed=version.sealed if version else False,
        published_at=version.published_at if version else None,
        published_by=version.published_by if version else "",
        from_gallery=version.from_gallery if version else False,
        draft_version=template.draft_version if template.draft is not None else 0,
        draft_saved_at=template.draft_saved_at,
        draft_saved_by=template.draft_saved_by,
    )


def list_versions(
    session: Session, shop_id: UUID, key: str, language: str, *, before: int | None = None, limit: int = 30
) -> list[VersionEntry]:
    """Return versions, newest first; `before` is the number of the last one shown."""
    template = get_row(session, shop_id, key, language)
    statement = select(
        TemplateVersion.number,
        TemplateVersion.note,
        TemplateVersion.published_by,
        TemplateVersion.published_at,
        TemplateVersion.restored_number,
        TemplateVersion.from_gallery,
    ).where(TemplateVersion.shop_id == shop_id, TemplateVersion.template_id == template.id)
    if before is not None:
        statement = statement.where(TemplateVersion.number < before)
    return [
        VersionEntry(*row) for row in session.execute(statement.order_by(TemplateVersion.number.desc()).limit(limit))
    ]


def get_version(session: Session, shop_id: UUID, key: str, language: str, number: int) -> TemplateVersion:
    template = get_row(session, shop_id, key, language)
    found = session.scalar(
        select(TemplateVersion).where(
            TemplateVersion.shop_id == shop_id,
            TemplateVersion.template_id == template.id,
            TemplateVersion.number == number,
        )
    )
    if found is None:
        raise TemplateNotFoundError("There is no such version.", key=key, number=number)
    return found


def find_document(session: Session, shop_id: UUID, key: str, language: str, number: int) -> Mapping[str, Any]:
    """Return the document of a version, an empty one for number 0."""
    return get_version(session, shop_id, key, language, number).document if number else {}


def roll_back(
    session: Session, shop_id: UUID, key: str, language: str, number: int, *, seen_live: int, author: str
) -> PublishedTemplate:
    """Put an earlier version in force again, at once, under a new number.

    Its pictures come back with it. Raises TemplateChangedError when another version than `seen_live` is in force,
    TemplateInvalidError when it does not fit today's rules any more.
    """
    version = get_version(session, shop_id, key, language, number)
    if get_row(session, shop_id, key, language).latest_number != seen_live:
        raise TemplateChangedError("Another version was published meanwhile.", key=key)
    published = publish_template(
        session, shop_id, version.document, expected_number=seen_live, author=author, restored=version
    )
    details = {"key": key, "language": language, "restored": number, "number": published.number}
    record(session, "documents:template:roll_back", shop_id=shop_id, subject_id=version.template_id, details=details)
    return published
