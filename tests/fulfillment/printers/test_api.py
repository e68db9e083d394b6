"""Printers, runs and reprints over HTTP: who may, what is refused, what is on record."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.main import create_app
from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope, system_scope
from core.tenancy import WarehouseShop
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy, CopyState, PrintJob
from fulfillment.printers.models import Printer
from tests.browsing import browse, call
from tests.factories.core import make_shop
from tests.fulfillment.printers.conftest import Floor, run_due
from tests.fulfillment.printers.fake_ipp import FakePrinter


@pytest.fixture(scope="module")
def app(database_url: str) -> FastAPI:
    return create_app()


@pytest.fixture
def administrator(app: FastAPI, floor: Floor) -> TestClient:
    return browse(app, Role.ADMINISTRATOR, shop_ids=[floor.shop.shop_id])


@pytest.fixture
def packer(app: FastAPI, floor: Floor) -> TestClient:
    return call(app, Role.PACKER, shop_ids=[floor.shop.shop_id])


@pytest.fixture
def second_shop(floor: Floor) -> Iterator[UUID]:
    """A shop in the same warehouse, for the time of a test."""
    shop_id = make_shop(warehouse_id=floor.shop.warehouse_id)
    yield shop_id
    with system_scope() as session:
        session.delete(session.get_one(WarehouseShop, (shop_id, floor.shop.warehouse_id)))


def body(floor: Floor, **given: object) -> dict[str, object]:
    return {"warehouse_id": str(floor.shop.warehouse_id), "name": "左", "kind": "ipp", **given}


def test_a_printer_is_added_changed_calibrated_and_removed(
    administrator: TestClient, packer: TestClient, floor: Floor, printer: FakePrinter
) -> None:
    made = administrator.post("/api/printers", json=body(floor, address=printer.address))
    assert made.status_code == 201
    address = f"/api/printers/{made.json()['id']}"
    measured = {"rule_x": 99.4, "rule_y": 100.2}
    assert administrator.post(f"{address}/calibrate", json=measured).json()["scale_x"] == pytest.approx(6.036, abs=0.01)
    assert [each["name"] for each in packer.get("/api/printers").json()] == ["左"]
    assert "address" not in packer.get("/api/printers").json()[0]
    again = administrator.post("/api/printers", json=body(floor, address=printer.address))
    assert (again.status_code, again.json()["code"]) == (422, "printer_input")
    changed = administrator.put(address, json=body(floor, name="右", address=printer.address))
    assert changed.json()["name"] == "右"
    assert administrator.delete(address).status_code == 204
    assert administrator.delete(address).status_code == 404
    assert packer.get("/api/printers").json() == []


@pytest.mark.parametrize("address", ["ipp://8.8.8.8/", "http://127.0.0.1/", "ipp://169.254.169.254/latest", ""])
def test_an_address_elsewhere_is_refused(administrator: TestClient, floor: Floor, address: str) -> None:
    answer = administrator.post("/api/printers", json=body(floor, address=address))
    assert (answer.status_code, answer.json()["code"]) == (422, "printer_address")


def test_who_does_not_answer_for_all_shops_of_a_warehouse_changes_no_printer(
    app: FastAPI, administrator: TestClient, floor: Floor, second_shop: UUID
) -> None:
    answer = administrator.post("/api/printers", json=body(floor, kind="download"))
    assert answer.status_code == 403
    both = browse(app, Role.ADMINISTRATOR, shop_ids=[floor.shop.shop_id, second_shop])
    headers = {"Soegaki-Shop": str(second_shop)}
    made = both.post("/api/printers", json=body(floor, kind="download"), headers=headers)
    assert made.status_code == 201
    # Either shop may print there.
    assert len(administrator.get("/api/printers").json()) == 1
    assert both.delete(f"/api/printers/{made.json()['id']}", headers=headers).status_code == 204


def test_papers_are_put_on_a_printer_and_the_log_tells(packer: TestClient, floor: Floor, printer: FakePrinter) -> None:
    place = floor.add(printer.address)
    job = floor.printings()[0].id
    run = packer.post(f"/api/print-jobs/{job}/runs", json={"kind": "papers", "printer_id": str(place)})
    assert run.status_code == 202
    run_due()
    told = packer.get(f"/api/print-runs/{run.json()['id']}").json()
    assert (told["state"], told["copies"], told["means"]) == ("printing", 4, "ipp")
    log = packer.get("/api/print-runs", params={"printer_id": str(place)}).json()
    assert [each["id"] for each in log] == [run.json()["id"]]
    assert packer.post(f"/api/print-runs/{run.json()['id']}/repeat").status_code == 409
    with session_scope([floor.shop.shop_id]) as session:
        tags = set(session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == UUID(run.json()["id"]))))
    assert "fulfillment:print_run:ask" in tags


def test_a_shipment_tells_of_each_copy_what_became_of_it_on_paper(
    app: FastAPI, floor: Floor, printer: FakePrinter
) -> None:
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    first = floor.printings()[0].id
    with session_scope([floor.shop.shop_id]) as session:
        shipment_id = session.scalars(select(Copy.shipment_id).where(Copy.print_job_id == first)).first()
        name = session.get_one(Printer, place).name
    office = call(app, Role.OPERATOR, shop_ids=[floor.shop.shop_id])
    runs = {copy["kind"]: copy["runs"] for copy in office.get(f"/api/shipments/{shipment_id}").json()["copies"]}
    for kind in ("packing_slip", "letter"):
        assert [(run["state"], run["printer_name"]) for run in runs[kind][:1]] == [("printing", name)]
    # Labels are in another file, which went elsewhere or nowhere.
    assert name not in {run["printer_name"] for run in runs["label"]}
    page = office.get(f"/shipments/{shipment_id}", headers={"accept": "text/html"}).text
    assert 'data-run="printing"' in page
    assert name in page


def test_opening_a_file_is_in_the_log_too(packer: TestClient, floor: Floor) -> None:
    [first, *_] = packer.get(f"/api/waves/{floor.wave_id}/prints").json()
    file = next(each for each in first["files"] if each["kind"] == "labels")
    assert packer.get(f"/api/print-files/{file['id']}").content.startswith(b"%PDF")
    newest = packer.get("/api/print-runs", params={"wave_id": str(floor.wave_id)}).json()[0]
    assert (newest["kind"], newest["means"], newest["state"]) == ("labels", "download", "done")


def test_a_range_is_printed_again(packer: TestClient, floor: Floor) -> None:
    given = {"first": 1, "last": 1, "kinds": ["labels"], "reason": "破れ"}
    again = packer.post(f"/api/waves/{floor.wave_id}/reprint", json=given)
    assert (again.status_code, again.json()["kind"], again.json()["copies"]) == (201, "reprint", 1)
    assert [each["kind"] for each in again.json()["files"]] == ["labels"]
    assert (
        packer.post(f"/api/waves/{floor.wave_id}/reprint", json={**given, "first": 90, "last": 99}).status_code == 409
    )
    rest = packer.post(f"/api/print-jobs/{again.json()['id']}/reprint", json={"kind": "labels", "reason": "紙づまり"})
    assert rest.json()["copies"] == 1
    with session_scope([floor.shop.shop_id]) as session:
        statement = select(Copy).join(Shipment, Shipment.id == Copy.shipment_id).where(Shipment.wave_position == 1)
        labels = session.scalars(statement.where(Copy.kind == "label")).all()
        assert len([copy for copy in labels if copy.state is CopyState.VALID]) == 1
        assert session.get_one(PrintJob, UUID(rest.json()["id"])).reason == "紙づまり"
