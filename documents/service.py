"""Templates and pictures of a shop: publish, install the gallery, get."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from core import clock
from core.audit.service import record
from core.ids import new_id
from documents.catalogue import load_gallery
from documents.checking import CompiledTemplate, compile_template, find_compiled
from documents.errors import (
    DocumentError,
    TemplateChangedError,
    TemplateInvalidError,
    TemplateNotFoundError,
    TemplateProblem,
)
from documents.library import find_missing, furnish, furnish_compiled, load_file_ids
from documents.models import DocumentTemplate, TemplateVersion
from documents.render import preview
from documents.templates import Template

# A document is read only where no process-wide one of its digest is at hand.
_WITHOUT_DOCUMENT = defer(TemplateVersion.document)


@dataclass(frozen=True)
class PublishedTemplate:
    """The version a copy is printed from; its id belongs into the record of the copy."""

    version_id: UUID
    number: int
    compiled: CompiledTemplate
    pictures: Mapping[str, str] = field(default_factory=dict)


def publish_template(
    session: Session,
    shop_id: UUID,
    document: Mapping[str, Any],
    *,
    note: str = "",
    expected_number: int | None = None,
    author: str = "",
    restored: TemplateVersion | None = None,
) -> PublishedTemplate:
    """Check a template, see that its samples can be drawn, and make it the version in force.

    Pictures of the library that it names stay as they are now for this version; one that is `restored` has its own.

    Publishing what is in force already changes nothing. With `expected_number` (0 for a new template) raises
    TemplateChangedError when somebody published first. Raises TemplateInvalidError with every fault.
    """
    library = load_file_ids(session, shop_id) | (read_pinned(restored) if restored else {})
    compiled = check_template(session, document, library)
    template = compiled.template
    pictures = {key: str(library[key]) for key in compiled.named_pictures}
    in_force = find_template(session, shop_id, template.key, template.language)
    if expected_number is not None and expected_number != (in_force.number if in_force else 0):
        raise TemplateChangedError("Another version was published meanwhile.", key=template.key)
    if in_force and in_force.compiled.sha256 == compiled.sha256 and in_force.pictures == pictures:
        return in_force
    template_id, number = _claim_number(session, shop_id, template, in_force.number if in_force else 0)
    more = {
        "note": note,
        "published_by": author,
        "restored_number": restored.number if restored else None,
        "pictures": pictures,
    }
    version_id = _add_version(session, shop_id, template_id, number, compiled, more)
    details = {"key": template.key, "language": template.language, "number": number, "sha256": compiled.sha256}
    record(session, "documents:template:publish", shop_id=shop_id, subject_id=template_id, details=details)
    return PublishedTemplate(version_id, number, compiled, pictures)


def check_template(session: Session, document: Mapping[str, Any], library: Mapping[str, UUID]) -> CompiledTemplate:
    """Compile a template with the pictures of the library and draw its samples; raises TemplateInvalidError."""
    compiled = furnish(session, document, library, library)
    if missing := find_missing(compiled.template, library):
        raise TemplateInvalidError([_missing_picture(place, key) for place, key in missing])
    try:
        preview(compiled)
    except DocumentError as error:
        problem = TemplateProblem(f"slots.{error.field}.sample", str(error.code), error.message_ja, error.message)
        raise TemplateInvalidError([problem]) from None
    return compiled


def _missing_picture(place: str, key: str) -> TemplateProblem:
    return TemplateProblem(
        f"{place}.picture", "unknown_picture", f"画像「{key}」はありません", f"There is no picture “{key}”"
    )


def _claim_number(session: Session, shop_id: UUID, template: Template, before: int) -> tuple[UUID, int]:
    """Move the template on by one version, from the number seen; who comes second is refused."""
    values = {
        "kind": template.kind,
        "name_ja": template.name.ja,
        "name_en": template.name.en,
        "latest_number": before + 1,
    }
    if before == 0:
        row = session.execute(
            insert(DocumentTemplate)
            .values(
                id=new_id(),
                shop_id=shop_id,
                key=template.key,
                language=template.language,
                created_at=clock.now(),
                **values,
            )
            .on_conflict_do_update(
                index_elements=["shop_id", "key", "language"],
                set_=values,
                where=DocumentTemplate.latest_number == 0,
            )
            .returning(DocumentTemplate.id)
        ).scalar()
    else:
        row = session.execute(
            update(DocumentTemplate)
            .where(
                DocumentTemplate.shop_id == shop_id,
                DocumentTemplate.key == template.key,
                DocumentTemplate.language == template.language,
                DocumentTemplate.latest_number == before,
            )
            .values(**values)
            .returning(DocumentTemplate.id)
        ).scalar()
    if row is None:
        raise TemplateChangedError("Another version was published meanwhile.", key=template.key)
    return row, before + 1


def _add_version(
    session: Session,
    shop_id: UUID,
    template_id: UUID,
    number: int,
    compiled: CompiledTemplate,
    more: Mapping[str, Any],
) -> UUID:
    version_id = new_id()
    row = _version_row(shop_id, version_id, template_id, number, compiled) | dict(more)
    session.execute(insert(TemplateVersion).values(row))
    return version_id


def _version_row(
    shop_id: UUID, version_id: UUID, template_id: UUID, number: int, compiled: CompiledTemplate
) -> dict[str, Any]:
    return {
        "id": version_id,
        "shop_id": shop_id,
        "template_id": template_id,
        "number": number,
        "document": compiled.document,
        "sha256": compiled.sha256,
        "letter_class": compiled.template.letter_class,
        "sealed": compiled.template.sealed,
        "from_gallery": False,
        "published_at": clock.now(),
    }


def install_gallery(session: Session, shop_id: UUID) -> int:
    """Give the shop every shipped template that it has not yet; return how many were new. Its own are left alone."""
    compiled = {place: compile_template(document) for place, document in load_gallery().items()}
    added = session.execute(
        insert(DocumentTemplate)
        .values(
            [
                {
                    "id": new_id(),
                    "shop_id": shop_id,
                    "key": each.template.key,
                    "language": each.template.language,
                    "kind": each.template.kind,
                    "name_ja": each.template.name.ja,
                    "name_en": each.template.name.en,
                    "latest_number": 1,
                    "created_at": clock.now(),
                }
                for each in compiled.values()
            ]
        )
        .on_conflict_do_nothing()
        .returning(DocumentTemplate.id, DocumentTemplate.key, DocumentTemplate.language)
    ).all()
    if added:
        rows = [
            _version_row(shop_id, new_id(), template_id, 1, compiled[key, language]) | {"from_gallery": True}
            for template_id, key, language in added
        ]
        session.execute(insert(TemplateVersion).values(rows))
        record(session, "documents:gallery:install", shop_id=shop_id, details={"templates": len(added)})
    return len(added)


def get_template(session: Session, shop_id: UUID, key: str, language: str) -> PublishedTemplate:
    """Return the version in force, in Japanese where there is none in the language; raises TemplateNotFoundError."""
    found = get_templates(session, shop_id, [key], language)
    if key not in found:
        raise TemplateNotFoundError(f"There is no template “{key}”.", key=key)
    return found[key]


def get_templates(
    session: Session, shop_id: UUID, keys: Collection[str], language: str
) -> dict[str, PublishedTemplate]:
    """Return the versions in force by key, in Japanese where there is none in the language; unknown keys are absent."""
    found = _load_in_force(session, shop_id, [(key, each) for key in keys for each in ("ja", "en")])
    chosen = {}
    for key in keys:
        for each in (language, "ja", "en"):
            if (key, each) in found:
                chosen[key] = found[key, each]
                break
    return chosen


def find_template(session: Session, shop_id: UUID, key: str, language: str) -> PublishedTemplate | None:
    """Return the version in force in exactly this language, or None."""
    return _load_in_force(session, shop_id, [(key, language)]).get((key, language))


def _load_in_force(
    session: Session, shop_id: UUID, places: Collection[tuple[str, str]]
) -> dict[tuple[str, str], PublishedTemplate]:
    rows = session.execute(
        select(DocumentTemplate.key, DocumentTemplate.language, TemplateVersion)
        .join(TemplateVersion, TemplateVersion.template_id == DocumentTemplate.id)
        .where(
            DocumentTemplate.shop_id == shop_id,
            TemplateVersion.shop_id == shop_id,
            TemplateVersion.number == DocumentTemplate.latest_number,
            tuple_(DocumentTemplate.key, DocumentTemplate.language).in_(places),
        )
        .options(_WITHOUT_DOCUMENT)
    ).all()
    library = load_file_ids(session, shop_id) if rows else {}
    return {(key, language): read_version(session, version, library) for key, language, version in rows}


def get_versions(session: Session, version_ids: Collection[UUID]) -> dict[UUID, PublishedTemplate]:
    """Return published versions by id, for printing a copy again as it was; raises TemplateNotFoundError."""
    statement = select(TemplateVersion).where(TemplateVersion.id.in_(version_ids)).options(_WITHOUT_DOCUMENT)
    rows = session.scalars(statement).all()
    libraries = {shop_id: load_file_ids(session, shop_id) for shop_id in {version.shop_id for version in rows}}
    found = {version.id: read_version(session, version, libraries[version.shop_id]) for version in rows}
    for version_id in version_ids:
        if version_id not in found:
            raise TemplateNotFoundError("There is no such version.", version_id=str(version_id))
    return found


def read_version(session: Session, version: TemplateVersion, library: Mapping[str, UUID]) -> PublishedTemplate:
    """Return a version with the pictures that it was published with."""
    plain = find_compiled(version.sha256) or compile_template(version.document)
    compiled = furnish_compiled(session, plain, library, read_pinned(version))
    return PublishedTemplate(version.id, version.number, compiled, version.pictures)


def read_pinned(version: TemplateVersion) -> dict[str, UUID]:
    """Return the files of the pictures that a version was published with, by key."""
    return {key: UUID(file_id) for key, file_id in version.pictures.items()}
