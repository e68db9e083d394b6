"""The screens of printing without a browser: what is told before it is done, and what is refused in words."""

import re

import pytest
from fastapi import FastAPI

from app.main import create_app
from core.auth.roles import Role
from core.db import session_scope
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.models import PrinterKind, RunState
from fulfillment.printers.sending import note
from tests.browsing import Browser, browse
from tests.fulfillment.printers.conftest import Floor


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return create_app()


def sit(app: FastAPI, floor: Floor, *roles: Role) -> Browser:
    browser = browse(app, *roles, shop_ids=[floor.shop.shop_id])
    browser.headers.update({"accept": "text/html"})
    browser.cookies.set("soegaki_language", "ja")
    return browser


@pytest.fixture
def packer(app: FastAPI, floor: Floor) -> Browser:
    return sit(app, floor, Role.PACKER)


@pytest.fixture
def administrator(app: FastAPI, floor: Floor) -> Browser:
    return sit(app, floor, Role.ADMINISTRATOR)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_reprint_is_told_before_it_is_done(packer: Browser, floor: Floor) -> None:
    address = f"/waves/{floor.wave_id}/reprint"
    asked = {"way": "range", "first": "2", "last": "3", "kinds": "labels", "reason": "damaged"}
    page = packer.post(f"{address}/check", data=asked).text
    assert "2 部（紙）" in words(page)
    assert "前の紙は無効になります" in page
    done = packer.post(address, data=asked)
    assert done.headers["location"].startswith(f"/waves/{floor.wave_id}/paper?kind=labels&only=")
    wave = packer.get(f"/waves/{floor.wave_id}").text
    assert "刷り直し 2〜3番" in words(wave)
    assert "破れ・汚れ" in wave


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"way": "range", "first": "x", "last": "3"}, "番号を数字で入力してください。"),
        ({"way": "range", "first": "70", "last": "80"}, "再印刷できる有効な帳票がありません。"),
        ({"way": "one", "one": "S-99999999"}, "このバッチに、その出荷はありません。"),
        ({"way": "jam", "last_good": "0000000000000", "file": ""}, "このバッチに、その紙はありません。"),
        ({"way": "jam", "last_good": "3", "file": ""}, "どのファイルの印刷だったかを選んでください。"),
    ],
)
def test_what_cannot_be_reprinted_is_told_in_words(
    packer: Browser, floor: Floor, given: dict[str, str], told: str
) -> None:
    answer = packer.post(f"/waves/{floor.wave_id}/reprint/check", data={**given, "reason": "jam"})
    assert answer.status_code in (404, 409, 422)
    assert told in words(answer.text)


def test_one_parcel_is_found_by_its_number(packer: Browser, floor: Floor) -> None:
    asked = {"way": "one", "one": "1", "kinds": "papers", "reason": "faint"}
    assert "2 部（紙） 1 出荷 1 バッチの中の番号" in words(
        packer.post(f"/waves/{floor.wave_id}/reprint/check", data=asked).text
    )


def test_a_file_for_a_printer_without_an_address_is_fetched_and_logged(packer: Browser, floor: Floor) -> None:
    place = floor.add("", PrinterKind.DOWNLOAD)
    job = floor.printings()[0].id
    page = packer.get(f"/waves/{floor.wave_id}/paper", params={"kind": "labels", "printer": str(place)}).text
    assert f'value="{job}" checked' in page
    form = {"kind": "labels", "printer_id": str(place), "part": str(job), "sheet": "a4_2", "start": "2"}
    assert "run_ready" in packer.post(f"/waves/{floor.wave_id}/paper", data=form).headers["location"]
    again = packer.get(f"/waves/{floor.wave_id}/paper", params={"kind": "labels", "printer": str(place)}).text
    assert 'value="a4_2" selected' in again
    run = floor.run(place)
    assert packer.post(f"/prints/{run.id}/file").content.startswith(b"%PDF")
    assert floor.run(place).state is RunState.DONE
    assert "紙に出た" in packer.get("/prints").text


def test_a_doubt_is_answered_where_it_is_shown(packer: Browser, floor: Floor) -> None:
    place = floor.add("ipp://127.0.0.1:9/")
    floor.ask(place, PrintFileKind.PAPERS)
    run = floor.run(place)
    note(run, state=RunState.DOUBT, problem="silent")
    page = packer.get(f"/waves/{floor.wave_id}").text
    assert "紙は出ましたか？" in page
    assert "送っている間に返事が途切れました。" in page
    answer = packer.post(f"/prints/{run.id}/answer", data={"came_out": "false"})
    assert answer.headers["location"] == f"/waves/{floor.wave_id}?done=run_answered"
    assert floor.run(place).state is RunState.FAILED
    assert "もう一度送る" in packer.get("/prints", params={"state": "failed"}).text
    assert packer.post(f"/prints/{run.id}/repeat").status_code == 303
    assert packer.post(f"/prints/{run.id}/repeat").status_code == 409


def test_a_wrong_address_and_a_wrong_measurement_are_told_at_their_place(administrator: Browser, floor: Floor) -> None:
    form = {"name": "外", "kind": "ipp", "address": "ipp://8.8.8.8/", "media": "iso_a4_210x297mm", "dpi": "600"}
    refused = administrator.post("/printers", data={**form, "takes": "papers"})
    assert refused.status_code == 422
    assert "社内のネットワークの外にあります" in refused.text
    assert 'value="ipp://8.8.8.8/"' in refused.text
    place = floor.add("", PrinterKind.DOWNLOAD)
    measured = {"rule_x": "50", "rule_y": "100", "cross_x": "20", "cross_y": "20"}
    assert administrator.post(f"/printers/{place}/measured", data=measured).status_code == 422
    assert administrator.post(f"/printers/{place}/measured", data={**measured, "rule_x": "９９．４"}).status_code == 303
    assert "+6.04‰" in words(administrator.get(f"/printers/{place}/calibration").text)
    assert administrator.get(f"/printers/{place}/calibration.pdf").content.startswith(b"%PDF")


def test_files_hold_as_many_shipments_as_the_shop_says(administrator: Browser, floor: Floor) -> None:
    assert administrator.post("/printers/part-size", data={"size": "0"}).status_code == 422
    assert administrator.post("/printers/part-size", data={"size": "25"}).status_code == 303
    assert 'value="25"' in administrator.get("/printers").text
    assert administrator.post("/printers/part-size", data={"size": ""}).status_code == 303
    assert 'value="25"' not in administrator.get("/printers").text
    parts = [printing for printing in floor.printings() if printing.part]
    assert [(part.first_position, part.last_position) for part in parts] == [(1, 2), (3, 3)]
    with session_scope([floor.shop.shop_id]) as session:
        assert [part.copies for part in session.merge_all(parts)] == [6, 3]
