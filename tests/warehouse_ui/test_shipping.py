"""From the order to the hand-over, as operator, packer and customer success see it."""

import re

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.codes import issue_codes
from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.packing.models import UnitKind
from fulfillment.printing.covers import WAVE_CODES
from fulfillment.printing.queries import list_print_files, list_print_jobs
from fulfillment.states import ShipmentState
from tests.browsing import Browser
from tests.factories.core import make_shop
from tests.factories.fulfillment import code_of, get_parcel, list_units, pack, print_all, scan, take_order
from tests.warehouse_ui.conftest import HTML, Place, RunJobs

pytestmark = pytest.mark.usefixtures("database")


def state_of(place: Place, shipment_id: object) -> ShipmentState:
    with session_scope([place.shop_id]) as session:
        return session.execute(select(Shipment.state).where(Shipment.id == shipment_id)).scalar_one()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_list_finds_a_shipment_by_what_one_has_in_hand(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    number = re.search(r"S-\d{8}", operator.get("/shipments").text)
    assert number
    assert str(shipment_id) in operator.get("/shipments", params={"q": number[0]}).text
    # As an input method types it.
    wide = number[0].translate({ord(one): ord(one) + 0xFEE0 for one in "S-0123456789"})
    assert str(shipment_id) in operator.get("/shipments", params={"q": wide}).text
    assert str(shipment_id) in operator.get("/shipments", params={"state": "planned"}).text
    assert str(shipment_id) not in operator.get("/shipments", params={"q": "S-99999999"}).text
    assert str(shipment_id) not in operator.get("/shipments", params={"state": "held"}).text


def test_htmx_gets_the_list_alone(place: Place, operator: Browser) -> None:
    text = operator.get("/shipments", headers={"hx-request": "true"}).text
    assert "<html" not in text
    assert 'id="shipment-list"' in text


def test_a_shipment_says_why_each_rule_did_what_it_did(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    page = operator.get(f"/shipments/{shipment_id}").text
    assert 'data-rule="letter-and-leaflet" data-outcome="fired"' in page
    assert "季節のたより" in words(page)
    operator.cookies.set("soegaki_language", "en")
    assert "Seasonal leaflet" in words(operator.get(f"/shipments/{shipment_id}").text)


def test_holding_needs_a_reason_and_releasing_ends_it(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    address = f"/shipments/{shipment_id}"
    assert operator.post(f"{address}/hold", data={"note": " "}).status_code == 422
    assert operator.post(f"{address}/hold", data={"note": "電話で確認"}).headers["location"] == f"{address}?done=held"
    page = operator.get(f"{address}?done=held").text
    assert "出荷を保留にしました。" in page
    assert "電話で確認" in page
    operator.post(f"{address}/release")
    assert state_of(place, shipment_id) is ShipmentState.PLANNED


def test_a_shipment_of_another_shop_is_not_found(place: Place, app: object, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    other = Place(place.app, type(place.shop)(make_shop(), place.shop.warehouse_id)).sit(Role.OPERATOR)
    assert other.get(f"/shipments/{shipment_id}").status_code == 404
    assert other.post(f"/shipments/{shipment_id}/cancel").status_code == 404


def test_a_wave_is_made_printed_packed_and_handed_over(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    address = operator.post("/waves", data={"limit": "10"}).headers["location"].split("?")[0]
    assert operator.post(f"{address}/print").headers["location"] == f"{address}?done=printing"
    making = operator.get(address).text
    assert 'hx-trigger="every' in making
    assert "出荷1件のうち0件、帳票0枚・0ページ" in making
    run_jobs()
    page = operator.get(address).text
    assert 'hx-trigger="every' not in page
    pdf = operator.get(re.search(r'href="(/waves/print-files/[^"]+)"', page)[1])  # type: ignore[index]
    assert pdf.content.startswith(b"%PDF")

    assert "検品が終わった荷物だけを引き渡せます。" in operator.get(address).text
    assert show_stage(operator) == "印刷済み"
    pack(place.shop, get_parcel(place.shop, shipment_id))
    assert show_stage(operator) == "検品済み"
    assert operator.post(f"{address}/hand-over").headers["location"] == f"{address}?done=handed_over"
    assert show_stage(operator) == "引き渡し済み"
    assert state_of(place, shipment_id) is ShipmentState.HANDED_OVER


def show_stage(operator: Browser) -> str:
    """Return the badge of the only wave in the list."""
    found = re.search(
        r'data-label="状態">\s*<span[^>]*>(?:<svg.*?</svg>)?([^<]+)', operator.get("/waves").text, re.DOTALL
    )
    assert found
    return found[1].strip()


def test_a_scanned_cover_or_copy_names_its_wave(place: Place, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    wave_id = print_all(place.shop, run_jobs)
    packer = place.sit(Role.PACKER)
    code = code_of(place.shop, get_parcel(place.shop, shipment_id), UnitKind.SLIP)
    assert packer.get(f"/bench/by-code/{code}").json() == {"wave_id": str(wave_id)}
    with session_scope([place.shop_id]) as session:
        [cover] = issue_codes(session, place.shop_id, WAVE_CODES, [wave_id])
    assert packer.get(f"/bench/by-code/{cover}").json() == {"wave_id": str(wave_id)}
    assert packer.get("/bench/by-code/0000000000000").status_code == 404


def test_making_a_wave_of_nothing_is_refused_in_words(operator: Browser) -> None:
    answer = operator.post("/waves", data={"limit": "10"})
    assert answer.status_code == 409
    assert "今、出荷できるものがありません。" in words(answer.text)


def test_the_carrier_gets_a_file_and_its_numbers_come_back(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs)
    wave_id = print_all(place.shop, run_jobs)
    sent = operator.post(f"/waves/{wave_id}/carrier-file").content.decode("utf-8-sig").splitlines()
    reference = sent[1].split(",")[0]
    back = f"お客様管理番号,送り状番号\r\n{reference},400000000013\r\nS-99999999-1,400000000024\r\n".encode()
    page = operator.post(f"/waves/{wave_id}/tracking", files={"file": ("back.csv", back, "text/csv")}).text
    assert 'data-count="bound"><span class="figure-number">1<' in page
    assert "この管理番号の荷物はありません" in page


def test_packers_open_the_bench_but_not_the_making_of_waves(place: Place, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs)
    wave_id = print_all(place.shop, run_jobs)
    packer = place.sit(Role.PACKER)
    assert f"/bench/{wave_id}" in packer.get("/bench").text
    station = packer.get(f"/bench/{wave_id}")
    assert f'data-wave="{wave_id}"' in station.text
    assert packer.post("/waves", data={"limit": "1"}).status_code == 403


def test_reading_papers_is_on_record(place: Place, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs)
    wave_id = print_all(place.shop, run_jobs)
    with session_scope([place.shop_id]) as session:
        [printing] = list_print_jobs(session, place.shop_id, wave_id)
        file = list_print_files(session, place.shop_id, [printing.id])[0]
    place.sit(Role.PACKER).get(f"/waves/print-files/{file.id}")
    assert "印刷データの閲覧" in place.sit(Role.ADMINISTRATOR).get("/audit").text


def test_customer_success_sees_what_the_parcel_held(place: Place, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    wave_id = print_all(place.shop, run_jobs)
    pack(place.shop, get_parcel(place.shop, shipment_id))
    place.sit(Role.PACKER).post(f"/waves/{wave_id}/hand-over", headers=HTML)
    run_jobs()
    with session_scope([place.shop_id]) as session:
        customer_id = session.execute(select(Shipment.customer_id)).scalar_one()
    # No link to what customer success may not open.
    assert "/waves/" not in place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}").text
    page = place.sit(Role.CUSTOMER_SUCCESS).get(f"/customers/{customer_id}").text
    assert 'data-kind="parcel"' in page
    assert "季節のたより × 1" in words(page)
    assert 'data-kind="purchase"' in page
    # The second question on the telephone is one step away.
    assert f'href="/shipments/{shipment_id}#decision"' in page
    assert 'id="decision"' in place.sit(Role.CUSTOMER_SUCCESS).get(f"/shipments/{shipment_id}").text


def test_what_the_bench_refused_never_counts(place: Place, run_jobs: RunJobs) -> None:
    """Its snapshot may be older than ours: the packer was told no, and took the thing out."""
    [shipment_id] = take_order(place.shop, run_jobs)
    print_all(place.shop, run_jobs)
    parcel_id = get_parcel(place.shop, shipment_id)
    [result] = scan(place.shop, parcel_id, "SKU-1", outcome="wrong_item")
    assert result.outcome == "wrong_item"
    assert all(unit.verified_quantity == 0 for unit in list_units(place.shop, parcel_id))


def test_a_parcel_set_aside_waits_for_attention_until_solved(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    [shipment_id] = take_order(place.shop, run_jobs)
    print_all(place.shop, run_jobs)
    scan(place.shop, get_parcel(place.shop, shipment_id), "", set_aside=True, reason="damaged: 角がつぶれた")
    page = operator.get("/attention").text
    assert "角がつぶれた" in page
    assert "破損・汚れ" in page
    solving = re.search(r'action="(/attention/exceptions/[^"]+/solve)"', page)
    assert solving
    assert operator.post(solving[1]).status_code == 303
    assert operator.post(solving[1]).status_code == 409
    assert "角がつぶれた" not in operator.get("/attention").text
