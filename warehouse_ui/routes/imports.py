"""Imports: hand in a file, say which column means what, watch it, mend what was rejected."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from sqlalchemy.orm import Session

from core.auth.roles import Access, Role
from core.errors import AppError
from core.tabular.errors import EncodingAmbiguousError, FileUnreadableError
from core.tabular.importer import IMPORTERS, Column, Field, Importer, ImportOption, Source, get_importer, list_options
from core.tabular.mapping import list_columns, list_missing, load_sources
from core.tabular.models import Upload, UploadState
from core.tabular.service import (
    ReceivedFile,
    get_upload,
    list_uploads,
    receive_upload,
    start_upload,
    write_error_file,
)
from core.web import SessionDep, require
from fulfillment.bulk_events.importers import ATTENDEES, SESSIONS
from fulfillment.bulk_events.kinds import RowState
from fulfillment.bulk_events.ledger import get_list
from warehouse_ui.answers import go_to, is_fragment, take_over
from warehouse_ui.downloads import answer_file
from warehouse_ui.error_words import describe_error
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import get_language
from warehouse_ui.paging import make_links
from warehouse_ui.templating import render

router = APIRouter(prefix="/imports", include_in_schema=False)

Importing = Annotated[Access, require(Role.OPERATOR, Role.ORGANISER)]
PAGE: Final = 30


@router.get("")
def show_list(request: Request, access: Importing, session: SessionDep, before: UUID | None = None) -> Response:
    uploads = list_uploads(session, access.shop_id, before=before, limit=PAGE + 1)
    following = uploads[PAGE - 1].id if len(uploads) > PAGE else None
    links = make_links("/imports", {}, current=before, following=following)
    return render(request, "pages/imports.html", access, session, **_list_values(uploads[:PAGE]), links=links)


def _list_values(uploads: list[Upload]) -> dict[str, Any]:
    importers = [(name, _label(each)) for name, each in sorted(IMPORTERS.items())]
    return {"uploads": uploads, "importers": importers, "names": dict(importers), "error": "", "samples": {}}


def _label(thing: Importer | Field) -> str:
    return thing.label if get_language() == "ja" else thing.label_en


@router.post("")
def receive(
    request: Request,
    access: Importing,
    session: SessionDep,
    importer: Annotated[str, Form()],
    file: Annotated[UploadFile, File()],
    encoding: Annotated[str, Form()] = "",
) -> Response:
    """Keep the file and go on to its columns; one that cannot be read is refused with the reason."""
    received = ReceivedFile(importer, file.filename or "file", file.file.read(), encoding=encoding or None)
    try:
        upload, _proposal = receive_upload(session, access.shop_id, received)
    except (FileUnreadableError, EncodingAmbiguousError) as error:
        values = _list_values(list_uploads(session, access.shop_id, limit=PAGE)) | {"error": describe_error(error)}
        values["samples"] = error.details.get("samples", {})
        links = make_links("/imports", {}, current=None, following=None)
        return render(request, "pages/imports.html", access, session, **values, links=links, status=422)
    return go_to(f"/imports/{upload.id}")


@router.get("/{upload_id}")
def show_upload(request: Request, upload_id: UUID, access: Importing, session: SessionDep) -> Response:
    """The columns of a received file; the progress of a running one; the result of a finished one."""
    upload = get_upload(session, access.shop_id, upload_id)
    if is_fragment(request) and upload.state is not UploadState.RUNNING:
        return take_over(f"/imports/{upload_id}", "import_finished" if upload.state is UploadState.DONE else None)
    template = "fragments/import_progress.html" if is_fragment(request) else "pages/import.html"
    return render(request, template, access, session, **_values(session, upload))


def _values(session: Session, upload: Upload, error: str = "") -> dict[str, Any]:
    importer = get_importer(upload.importer)
    sources = load_sources(upload.mapping)
    columns = list_columns(upload.headers)
    rows = [
        {
            "field": each,
            "label": _label(each),
            "chosen": _find_choice(sources.get(each.name), columns),
            "joined": _join(sources.get(each.name)),
        }
        for each in importer.fields
    ]
    return {
        "upload": upload,
        "importer_label": _label(importer),
        "rows": rows,
        "options": [_show_option(option, upload) for option in list_options(upload.importer)],
        "columns": [(_write(column), column.header or "—") for column in columns],
        "missing": list_missing(importer, sources),
        "error": error,
        "is_received": upload.state is UploadState.RECEIVED,
        **_tell_event(session, upload),
        "done": upload.new_count + upload.changed_count + upload.same_count + upload.rejected_count,
    }


def _tell_event(session: Session, upload: Upload) -> dict[str, Any]:
    """Return the event that a file was handed in for, and what its rows became there: more than new or not."""
    event_key = upload.options.get("event") if upload.importer in (ATTENDEES, SESSIONS) else None
    became = None
    if upload.importer == ATTENDEES and upload.state is UploadState.DONE:
        became = get_list(session, upload.shop_id, upload).counts
    return {"event_key": event_key, "became": became, "row_states": list(RowState)}


def _show_option(option: ImportOption, upload: Upload) -> dict[str, Any]:
    japanese = get_language() == "ja"
    return {
        "name": f"option-{option.name}",
        "label": option.label if japanese else option.label_en,
        "choices": [("", "—"), *((value, ja if japanese else en) for value, ja, en in option.choices)],
        "is_choice": bool(option.choices),
        "value": upload.options.get(option.name, ""),
    }


def _write(column: Column) -> str:
    return f"{column.occurrence}:{column.header}"


def _find_choice(source: Source | None, columns: list[Column]) -> str:
    if source is None or len(source.columns) != 1 or source.columns[0] not in columns:
        return ""
    return _write(source.columns[0])


def _join(source: Source | None) -> str:
    """Return what a field is made of when it is more than one column: presets do that, and it is kept as it is."""
    if source is None or (len(source.columns) == 1 and source.constant is None):
        return ""
    return source.constant or " + ".join(column.header for column in source.columns)


@router.post("/{upload_id}/start")
def start(request: Request, upload_id: UUID, access: Importing, session: SessionDep, form: FormDep) -> Response:
    upload = get_upload(session, access.shop_id, upload_id)
    sources = _read_sources(upload, form)
    try:
        save_as = read_text(form, "save_as") or None
        options = _read_options(upload, form)
        start_upload(session, access.shop_id, upload_id, sources=sources, options=options, save_as=save_as)
    except AppError as error:
        values = _values(session, upload, describe_error(error))
        return render(request, "pages/import.html", access, session, **values, status=error.status_code)
    return go_to(f"/imports/{upload_id}", "import_started")


def _read_sources(upload: Upload, form: FormDep) -> dict[str, Source]:
    kept = load_sources(upload.mapping)
    sources: dict[str, Source] = {}
    for each in get_importer(upload.importer).fields:
        chosen = read_text(form, f"field-{each.name}")
        if chosen == "kept" and each.name in kept:
            sources[each.name] = kept[each.name]
        elif chosen:
            occurrence, _, header = chosen.partition(":")
            sources[each.name] = Source((Column(header, int(occurrence)),))
    return sources


def _read_options(upload: Upload, form: FormDep) -> dict[str, str]:
    answers = {option.name: read_text(form, f"option-{option.name}") for option in list_options(upload.importer)}
    return {name: answer for name, answer in answers.items() if answer}


@router.get("/{upload_id}/errors")
def download_errors(upload_id: UUID, access: Importing, session: SessionDep) -> Response:
    """The rejected rows in the file's own layout, with row, field and reason: to mend and hand in again."""
    language = get_language()
    name, data = write_error_file(session, access.shop_id, upload_id, language=language)
    return answer_file(name, data, "text/csv")
