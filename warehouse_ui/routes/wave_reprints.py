"""Printing again at the printer: after a jam, a range, or one parcel's papers. What will happen is told before."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core.auth.roles import Access
from core.codes import read_code
from core.errors import AppError, InvalidInputError
from core.web import SessionDep, require
from fulfillment.packing.models import PrintFileKind, Wave
from fulfillment.printers.choices import read_choices
from fulfillment.printers.queries import find_newest_run
from fulfillment.printing.queries import find_printed_place, list_print_jobs
from fulfillment.printing.ranges import LastGood, Missing, Places, find_after, find_range, reprint_missing
from fulfillment.printing.waves import find_wave_shop, get_wave
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext
from warehouse_ui.navigation import FLOOR
from warehouse_ui.print_words import REPRINT_REASON
from warehouse_ui.printing import KINDS, load_parts
from warehouse_ui.templating import render

router = APIRouter(prefix="/waves", include_in_schema=False)

Floor = Annotated[Access, require(*FLOOR)]
_FIELDS: Final = ("way", "file", "last_good", "first", "last", "one", "kinds", "reason", "more")
_MOST_PLACE = 100_000


@dataclass(frozen=True)
class Wanted:
    """What the form asks for, as it was typed."""

    fields: dict[str, str]

    def number(self, name: str) -> int:
        text = self.fields[name]
        if not text.isdecimal() or int(text) > _MOST_PLACE:
            raise InvalidInputError(gettext("番号を数字で入力してください。"), field=name)
        return int(text)

    @property
    def kinds(self) -> list[PrintFileKind] | None:
        return [PrintFileKind(self.fields["kinds"])] if self.fields["kinds"] in set(PrintFileKind) else None

    @property
    def reason(self) -> str:
        word = REPRINT_REASON.get(self.fields["reason"])
        return " · ".join(part for part in (word.text if word else "", self.fields["more"]) if part)


@router.get("/{wave_id}/reprint")
def show_reprint(request: Request, wave_id: UUID, access: Floor, session: SessionDep) -> Response:
    wave = _find_wave(session, access, wave_id)
    return render(request, "pages/wave_reprint.html", access, session, **_values(session, wave, Wanted(_EMPTY)))


@router.post("/{wave_id}/reprint/check")
def check(request: Request, wave_id: UUID, access: Floor, session: SessionDep, form: FormDep) -> Response:
    """Say what would be printed again, and which papers would be void."""
    wave = _find_wave(session, access, wave_id)
    wanted = _read(form)
    values = _values(session, wave, wanted)
    try:
        values["missing"] = find_missing(session, wave, wanted)
    except AppError as error:
        refused = {"refused": describe_error(error), "wrong": error.details.get("field", "")}
        return render(request, "pages/wave_reprint.html", access, session, **values | refused, status=error.status_code)
    return render(request, "pages/wave_reprint.html", access, session, **values)


@router.post("/{wave_id}/reprint")
def do_reprint(wave_id: UUID, access: Floor, session: SessionDep, form: FormDep) -> Response:
    wave = _find_wave(session, access, wave_id)
    wanted = _read(form)
    missing = find_missing(session, wave, wanted)
    again = reprint_missing(session, wave.shop_id, wave_id, missing, reason=wanted.reason)
    kinds = {view.file.kind for part in load_parts(session, wave.shop_id, [again]) for view in part.files}
    kind = PrintFileKind.PAPERS if PrintFileKind.PAPERS in kinds else PrintFileKind.LABELS
    return go_to(f"/waves/{wave_id}/paper?kind={kind.value}&only={again.id}", "reprinted")


def _find_wave(session: Session, access: Access, wave_id: UUID) -> Wave:
    return get_wave(session, access.check_shop(find_wave_shop(session, wave_id)), wave_id)


def _read(form: FormDep) -> Wanted:
    return Wanted({name: read_text(form, name) for name in _FIELDS})


_EMPTY: Final = dict.fromkeys(_FIELDS, "") | {"way": "jam"}


def _values(session: Session, wave: Wave, wanted: Wanted) -> dict[str, Any]:
    parts = load_parts(session, wave.shop_id, list_print_jobs(session, wave.shop_id, wave.id))
    files = [(part, view) for part in parts for view in part.files if view.file.kind is not PrintFileKind.COVER]
    return {
        "wave": wave,
        "files": files,
        "given": wanted.fields,
        "kinds": KINDS[1:],
        "reasons": list(REPRINT_REASON),
        "missing": None,
        "refused": "",
        "wrong": "",
    }


def find_missing(session: Session, wave: Wave, wanted: Wanted) -> Missing:
    """Return what the form means. Raises what is wrong with it, naming the field."""
    way = wanted.fields["way"]
    if way == "range":
        places = Places(wanted.number("first"), wanted.number("last"))
        return find_range(session, wave.shop_id, wave.id, places, wanted.kinds)
    if way == "one":
        place = _find_place(session, wave, wanted)
        return find_range(session, wave.shop_id, wave.id, Places(place, place), wanted.kinds)
    return _find_rest(session, wave, wanted)


def _find_place(session: Session, wave: Wave, wanted: Wanted) -> int:
    """Return the place of a parcel told by its place, its number, or the code of one of its papers."""
    text = wanted.fields["one"]
    if text.isdecimal():
        return wanted.number("one")
    found = find_printed_place(session, wave.shop_id, wave.id, text)
    if found is None:
        raise InvalidInputError(gettext("このバッチに、その出荷はありません。"), field="one")
    return found.place


def _find_rest(session: Session, wave: Wave, wanted: Wanted) -> Missing:
    """After the last good paper: a scanned one says by itself which file it is of; else the file is chosen."""
    text = wanted.fields["last_good"]
    if read_code(text):
        found = find_printed_place(session, wave.shop_id, wave.id, text)
        if found is None or found.print_job_id is None or found.kind is None:
            raise InvalidInputError(gettext("このバッチに、その紙はありません。"), field="last_good")
        return find_after(session, wave.shop_id, found.print_job_id, found.kind, LastGood(code=text))
    job, _, kind = wanted.fields["file"].partition(":")
    if kind not in set(PrintFileKind):
        raise InvalidInputError(gettext("どのファイルの印刷だったかを選んでください。"), field="file")
    if not text:
        return find_after(session, wave.shop_id, UUID(job), PrintFileKind(kind), LastGood())
    run = find_newest_run(session, wave.shop_id, UUID(job), PrintFileKind(kind))
    last_good = LastGood(page=wanted.number("last_good"))
    if run is not None:
        last_good = replace(last_good, choices=read_choices(run.choices), printed_at=run.created_at)
    return find_after(session, wave.shop_id, UUID(job), PrintFileKind(kind), last_good)
