"""The audit view: who did what, and who looked at whom."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from core.audit.queries import list_entries
from core.auth.roles import Access, Role
from core.auth.service import names_of
from core.web import SessionDep, require
from warehouse_ui.audit_words import TAGS, find_tag
from warehouse_ui.paging import make_links, read_key, write_key
from warehouse_ui.templating import render

router = APIRouter(prefix="/audit", include_in_schema=False)

PAGE = 100


@router.get("")
def show_entries(
    request: Request,
    access: Annotated[Access, require(Role.ADMINISTRATOR)],
    session: SessionDep,
    tag: str = "",
    before: str = "",
) -> Response:
    entries = list_entries(session, access.shop_id, tag=tag or None, before=read_key(before), limit=PAGE + 1)
    shown = entries[:PAGE]
    following = write_key(shown[-1].at, shown[-1].id) if len(entries) > PAGE else None
    return render(
        request,
        "pages/audit.html",
        access,
        session,
        entries=[(entry, find_tag(entry.tag)) for entry in shown],
        people=names_of(session, [entry.actor_id for entry in shown if entry.actor_id]),
        tag=tag,
        tags=[(key, word.text) for key, word in TAGS.items()],
        links=make_links("/audit", {"tag": tag}, current=before, following=following),
    )
