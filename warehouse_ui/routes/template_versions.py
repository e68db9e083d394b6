"""Templates after the draft: publishing, the history, and back."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import AppError
from core.web import SessionDep, require
from documents.differences import diff_templates
from documents.drafting import discard_draft, get_row, load_draft, publish_draft, save_draft
from documents.errors import TemplateInvalidError, TemplateProblem
from documents.library import load_file_ids
from documents.service import check_template, read_pinned, read_version
from documents.translating import find_twin
from documents.versions import find_document, get_version, list_versions
from documents.versions import roll_back as put_back
from warehouse_ui.answers import go_to
from warehouse_ui.designer.previewing import SMALL, answer_picture, draw_small
from warehouse_ui.error_words import describe_error
from warehouse_ui.i18n import get_language
from warehouse_ui.paging import make_links
from warehouse_ui.templating import render

router = APIRouter(prefix="/templates", include_in_schema=False)

Editor = Annotated[Access, require(Role.OPERATOR, Role.ADMINISTRATOR)]
PAGE: Final = 30


@router.get("/{key}/{language}/publish")
def show_publish(request: Request, key: str, language: str, access: Editor, session: SessionDep) -> Response:
    """Show what would change, and every fault that stands against it."""
    return _show_publish(request, access, session, key, language)


def _show_publish(
    request: Request, access: Access, session: Session, key: str, language: str, note: str = "", error: str = ""
) -> Response:
    shop_id = access.shop_id
    draft = load_draft(session, shop_id, key, language)
    values = {
        "draft": draft,
        "sheet": get_row(session, shop_id, key, language),
        "changes": diff_templates(find_document(session, shop_id, key, language, draft.live_number), draft.document),
        "problems": _find_problems(session, access, draft.document),
        "note": note,
        "error": error,
    }
    return render(request, "pages/template_publish.html", access, session, **values, status=422 if error else 200)


def _find_problems(
    session: Session, access: Access, document: dict[str, Any], pinned: Mapping[str, UUID] | None = None
) -> list[dict[str, str]]:
    try:
        check_template(session, document, load_file_ids(session, access.shop_id) | dict(pinned or {}))
    except TemplateInvalidError as error:
        return [_tell(problem) for problem in error.problems]
    return []


def _tell(problem: TemplateProblem) -> dict[str, str]:
    return {
        "place": problem.place,
        "text": problem.message_ja if get_language() == "ja" else problem.message_en,
    }


@router.post("/{key}/{language}/publish")
def publish(
    request: Request,
    key: str,
    language: str,
    access: Editor,
    session: SessionDep,
    seen: Annotated[int, Form()],
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Put the draft that was seen in force; what stands against it is said on the page."""
    author = access.principal.name
    try:
        publish_draft(session, access.shop_id, key, language, seen=seen, author=author, note=note.strip())
    except AppError as error:
        if error.status_code not in (409, 422):
            raise
        session.rollback()
        return _show_publish(request, access, session, key, language, note, describe_error(error))
    return go_to("/templates", "template_published")


@router.post("/{key}/{language}/discard")
def discard(key: str, language: str, access: Editor, session: SessionDep, seen: Annotated[int, Form()]) -> Response:
    """Go back to what is in force; a template that never was published is gone."""
    discard_draft(session, access.shop_id, key, language, seen=seen)
    return go_to("/templates", "template_discarded")


@router.get("/{key}/{language}/versions")
def show_versions(
    request: Request, key: str, language: str, access: Editor, session: SessionDep, before: int | None = None
) -> Response:
    shop_id = access.shop_id
    versions = list_versions(session, shop_id, key, language, before=before, limit=PAGE + 1)
    following = versions[PAGE - 1].number if len(versions) > PAGE else None
    values = {
        "sheet": get_row(session, shop_id, key, language),
        "versions": versions[:PAGE],
        "links": make_links(f"/templates/{key}/{language}/versions", {}, current=before, following=following),
        "twin": find_twin(session, shop_id, key, language),
    }
    return render(request, "pages/template_versions.html", access, session, **values)


@router.get("/{key}/{language}/versions/{number}")
def show_version(
    request: Request, key: str, language: str, number: int, access: Editor, session: SessionDep
) -> Response:
    """Show what this version changed, and what going back to it would change now."""
    return _show_version(request, access, session, key, language, number)


def _show_version(
    request: Request, access: Access, session: Session, key: str, language: str, number: int, error: str = ""
) -> Response:
    shop_id = access.shop_id
    template = get_row(session, shop_id, key, language)
    version = get_version(session, shop_id, key, language, number)
    before = find_document(session, shop_id, key, language, number - 1)
    is_live = number == template.latest_number
    live = find_document(session, shop_id, key, language, template.latest_number)
    values = {
        "sheet": template,
        "version": version,
        "changes": diff_templates(before, version.document),
        "back": None if is_live else diff_templates(live, version.document),
        "problems": [] if is_live else _find_problems(session, access, version.document, read_pinned(version)),
        "draft": load_draft(session, shop_id, key, language),
        "error": error,
    }
    return render(request, "pages/template_version.html", access, session, **values, status=409 if error else 200)


@router.get("/{key}/{language}/versions/{number}/small.png")
def show_version_picture(key: str, language: str, number: int, access: Editor, session: SessionDep) -> Response:
    version = get_version(session, access.shop_id, key, language, number)
    published = read_version(session, version, load_file_ids(session, access.shop_id))
    return answer_picture(draw_small(published.compiled, SMALL))


@router.post("/{key}/{language}/versions/{number}/roll-back")
def roll_back(
    request: Request,
    key: str,
    language: str,
    number: int,
    access: Editor,
    session: SessionDep,
    seen_live: Annotated[int, Form()],
) -> Response:
    """Put an earlier version in force again, under a new number, at once."""
    author = access.principal.name
    try:
        put_back(session, access.shop_id, key, language, number, seen_live=seen_live, author=author)
    except AppError as error:
        if error.status_code not in (409, 422):
            raise
        session.rollback()
        return _show_version(request, access, session, key, language, number, describe_error(error))
    return go_to(f"/templates/{key}/{language}/versions", "template_rolled_back")


@router.post("/{key}/{language}/versions/{number}/restore")
def restore(
    key: str, language: str, number: int, access: Editor, session: SessionDep, seen: Annotated[int, Form()]
) -> Response:
    """Take an earlier version as the draft, to change it further."""
    version = get_version(session, access.shop_id, key, language, number)
    author = access.principal.name
    save_draft(session, access.shop_id, key, language, version.document, seen=seen, author=author)
    return go_to(f"/templates/{key}/{language}/edit")
