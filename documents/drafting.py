"""What the designer works on: one draft per template, saved by compare-and-set, published when it is right."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import name_actor, record
from core.ids import new_id
from documents.checking import canonical_json
from documents.errors import (
    DraftTooLargeError,
    TemplateChangedError,
    TemplateDraftOvertakenError,
    TemplateNotFoundError,
    TemplateTakenError,
)
from documents.models import DocumentTemplate, TemplateVersion
from documents.service import PublishedTemplate, publish_template
from documents.templates import Kind

LARGEST_DRAFT: Final = 400_000
_KINDS: Final = frozenset(Kind)


@dataclass(frozen=True)
class TemplateDraft:
    """`version` counts saved drafts: whoever saves says which one was seen. `live_number` is in force, 0 for none."""

    template_id: UUID
    key: str
    language: str
    document: dict[str, Any]
    version: int
    live_number: int
    is_changed: bool
    saved_by: str | None
    saved_at: datetime | None


def load_draft(session: Session, shop_id: UUID, key: str, language: str) -> TemplateDraft:
    """Return the draft, or what is in force when nothing was edited since; raises TemplateNotFoundError."""
    template = get_row(session, shop_id, key, language)
    live = session.scalar(
        select(TemplateVersion.document).where(
            TemplateVersion.shop_id == shop_id,
            TemplateVersion.template_id == template.id,
            TemplateVersion.number == template.latest_number,
        )
    )
    draft = template.draft
    return TemplateDraft(
        template_id=template.id,
        key=key,
        language=language,
        document=deepcopy(draft if draft is not None else live or {}),
        version=template.draft_version,
        live_number=template.latest_number,
        is_changed=draft is not None and draft != live,
        saved_by=template.draft_saved_by,
        saved_at=template.draft_saved_at,
    )


def get_row(session: Session, shop_id: UUID, key: str, language: str) -> DocumentTemplate:
    found = session.scalar(
        select(DocumentTemplate)
        .where(DocumentTemplate.shop_id == shop_id, DocumentTemplate.key == key, DocumentTemplate.language == language)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise TemplateNotFoundError(f"There is no template “{key}”.", key=key)
    return found


def save_draft(
    session: Session,
    shop_id: UUID,
    key: str,
    language: str,
    document: Mapping[str, Any],
    *,
    seen: int,
    author: str,
) -> int:
    """Keep the draft, whatever is wrong with it, and return its version. Key and language stay the template's own.

    Raises TemplateDraftOvertakenError when somebody saved since version `seen`, DraftTooLargeError.
    """
    kept = {**document, "key": key, "language": language}
    if len(canonical_json(kept)) > LARGEST_DRAFT:
        raise DraftTooLargeError("The template is too large.", limit=LARGEST_DRAFT)
    template_id = session.execute(
        update(DocumentTemplate)
        .where(
            DocumentTemplate.shop_id == shop_id,
            DocumentTemplate.key == key,
            DocumentTemplate.language == language,
            DocumentTemplate.draft_version == seen,
        )
        .values(draft=kept, draft_version=seen + 1, draft_saved_at=clock.now(), draft_saved_by=author)
        .returning(DocumentTemplate.id)
    ).scalar()
    if template_id is None:
        get_row(session, shop_id, key, language)
        raise TemplateDraftOvertakenError("Somebody else saved the draft first.", key=key)
    _put_on_record(session, template_id, seen + 1)
    return seen + 1


def _put_on_record(session: Session, template_id: UUID, version: int) -> None:
    """Record the editor once per draft. The row is locked: it was just saved."""
    template, editor = session.get_one(DocumentTemplate, template_id, populate_existing=True), name_actor()
    if editor in template.draft_editors:
        return
    template.draft_editors = [*template.draft_editors, editor]
    details = {"key": template.key, "language": template.language, "version": version}
    record(session, "documents:draft:edited", shop_id=template.shop_id, subject_id=template_id, details=details)
    session.flush()


def start_draft(session: Session, shop_id: UUID, document: Mapping[str, Any], *, author: str) -> TemplateDraft:
    """Begin a template that is only a draft until it is published; raises TemplateTakenError for a key in use."""
    key, language, name = document["key"], document["language"], document["name"]
    row = session.execute(
        insert(DocumentTemplate)
        .values(
            id=new_id(),
            shop_id=shop_id,
            key=key,
            language=language,
            kind=Kind(document["kind"]),
            name_ja=name["ja"],
            name_en=name["en"],
            latest_number=0,
            created_at=clock.now(),
            draft=dict(document),
            draft_version=1,
            draft_saved_at=clock.now(),
            draft_saved_by=author,
            draft_editors=[name_actor()],
        )
        .on_conflict_do_nothing()
        .returning(DocumentTemplate.id)
    ).scalar()
    if row is None:
        raise TemplateTakenError(f"There is already a template “{key}”.", key=key)
    record(
        session,
        "documents:template:start",
        shop_id=shop_id,
        subject_id=row,
        details={"key": key, "language": language},
    )
    return load_draft(session, shop_id, key, language)


def publish_draft(
    session: Session, shop_id: UUID, key: str, language: str, *, seen: int, author: str, note: str = ""
) -> PublishedTemplate:
    """Publish the draft that was seen. Raises TemplateInvalidError with every fault, TemplateDraftOvertakenError."""
    draft = load_draft(session, shop_id, key, language)
    if draft.version != seen:
        raise TemplateDraftOvertakenError("Somebody else saved the draft first.", key=key)
    published = publish_template(
        session, shop_id, draft.document, note=note, expected_number=draft.live_number, author=author
    )
    _clear(session, draft)
    return published


def discard_draft(session: Session, shop_id: UUID, key: str, language: str, *, seen: int) -> None:
    """Go back to what is in force; a template that never was published is gone. Raises TemplateDraftOvertakenError."""
    draft = load_draft(session, shop_id, key, language)
    if draft.version != seen:
        raise TemplateDraftOvertakenError("Somebody else saved the draft first.", key=key)
    details = {"key": key, "language": language}
    if draft.live_number:
        _clear(session, draft)
        subject = draft.template_id
        record(session, "documents:draft:discarded", shop_id=shop_id, subject_id=subject, details=details)
        return
    gone = delete(DocumentTemplate).where(
        DocumentTemplate.id == draft.template_id,
        DocumentTemplate.latest_number == 0,
        DocumentTemplate.draft_version == seen,
    )
    if session.execute(gone.returning(DocumentTemplate.id)).scalar() is None:
        raise TemplateChangedError("It was published meanwhile.", key=key)
    record(session, "documents:template:drop", shop_id=shop_id, subject_id=draft.template_id, details=details)


def _clear(session: Session, draft: TemplateDraft) -> None:
    cleared = session.execute(
        update(DocumentTemplate)
        .where(DocumentTemplate.id == draft.template_id, DocumentTemplate.draft_version == draft.version)
        .values(draft=None, draft_version=draft.version + 1, draft_saved_at=None, draft_saved_by=None, draft_editors=[])
        .returning(DocumentTemplate.id)
    ).scalar()
    if cleared is None:
        raise TemplateDraftOvertakenError("Somebody else saved the draft first.", key=draft.key)
