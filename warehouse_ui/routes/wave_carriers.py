"""A wave's files to and from the carrier's program."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile

from core.auth.roles import Access, Role
from core.web import SessionDep, require
from fulfillment.carriers.service import read_tracking_file, write_carrier_file
from fulfillment.printing.waves import find_wave_shop, get_wave
from warehouse_ui.downloads import answer_file
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.templating import render

router = APIRouter(prefix="/waves", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
REFUSALS: Final = {
    "unknown_reference": mark("この管理番号の荷物はありません"),
    "changed_since_print": mark("印刷し直す前のデータの送り状です。お届け先が違うかもしれません"),
    "tracking_number_missing": mark("送り状番号が空です"),
    "tracking_number_malformed": mark("送り状番号の形が違います"),
    "tracking_number_twice": mark("同じ送り状番号がファイルに2回あります"),
    "tracking_number_taken": mark("この送り状番号は別の荷物に付いています"),
    "already_shipped": mark("引き渡し済みの荷物です"),
}


@router.post("/{wave_id}/carrier-file")
def download_carrier_file(wave_id: UUID, access: Operator, session: SessionDep) -> Response:
    """Write the shipping data and answer with it. A POST: each file that was given out is on record."""
    name, data = write_carrier_file(session, access.check_shop(find_wave_shop(session, wave_id)), wave_id)
    return answer_file(name, data, "text/csv")


@router.post("/{wave_id}/tracking")
def read_tracking(
    request: Request,
    wave_id: UUID,
    access: Operator,
    session: SessionDep,
    file: Annotated[UploadFile, File()],
) -> Response:
    """Bind tracking numbers; the page accounts for every row of the file."""
    shop_id = access.check_shop(find_wave_shop(session, wave_id))
    report = read_tracking_file(session, shop_id, file.file.read())
    refused = [(row["line"], gettext(REFUSALS.get(row["reason"], row["reason"]))) for row in report.refused]
    wave = get_wave(session, shop_id, wave_id)
    return render(request, "pages/tracking.html", access, session, wave=wave, report=report, refused=refused)
