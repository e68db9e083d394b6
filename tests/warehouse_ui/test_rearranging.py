"""Splitting, merging, sending again and answering a change, as the office does it on the screen."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.dispatch.hand_over import hand_over
from fulfillment.models import Shipment, ShipmentLine
from fulfillment.states import ShipmentState
from tests.browsing import Browser
from tests.factories.fulfillment import get_parcel, pack, print_all, publish, take_order
from tests.factories.orders import TARO, make_order
from tests.fulfillment.test_interrupting import WITH_APOLOGY, complain, customer_of
from tests.warehouse_ui.conftest import Place, RunJobs
from tests.warehouse_ui.test_shipping import state_of, words

pytestmark = pytest.mark.usefixtures("database")


def line_ids(place: Place, shipment_id: UUID) -> list[UUID]:
    with session_scope([place.shop_id]) as session:
        statement = select(ShipmentLine.id).where(ShipmentLine.shipment_id == shipment_id)
        return list(session.scalars(statement.order_by(ShipmentLine.position)))


def where_to(answer: object) -> UUID:
    found = re.search(r"/shipments/([0-9a-f-]{36})", answer.headers["location"])  # type: ignore[attr-defined]
    assert found, answer.text  # type: ignore[attr-defined]
    return UUID(found[1])


def test_a_shipment_is_split_and_put_together_again(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [first] = take_order(place.shop, run_jobs)
    address = f"/shipments/{first}"
    assert 'id="split"' in operator.get(address).text
    chosen = {f"line-{line_ids(place, first)[0]}": "1", "reason": "一部在庫待ち", "later": "wait"}
    assert operator.post(f"{address}/split", data={**chosen, "reason": " "}).status_code == 422
    part = where_to(operator.post(f"{address}/split", data=chosen))
    assert state_of(place, part) is ShipmentState.HELD
    page = words(operator.get(f"/shipments/{part}").text)
    assert "から分けた" in page
    assert "同じ注文の最初の箱に入れます" in page
    operator.post(f"/shipments/{part}/release")
    undo = re.search(r"/shipments/[0-9a-f-]{36}/rearrangements/[0-9a-f-]{36}/undo", operator.get(address).text)
    assert undo
    operator.post(undo[0], data={"reason": "全部そろった"})
    assert state_of(place, part) is ShipmentState.MERGED
    assert "元に戻した" in words(operator.get(address).text)


def test_what_can_be_merged_is_offered_and_what_cannot_says_why(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    take_order(place.shop, run_jobs)
    take_order(place.shop, run_jobs)
    first, second, other = take_order(place.shop, run_jobs, make_order(recipient=TARO))
    page = words(operator.get(f"/shipments/{first}").text)
    assert "お届け先の住所が違う" in page
    refused = operator.post(f"/shipments/{first}/merge", data={"with": str(other), "reason": "まとめ"})
    assert refused.status_code == 409
    assert "お届け先の住所が違う" in refused.text
    kept = where_to(operator.post(f"/shipments/{first}/merge", data={"with": str(second), "reason": "同じ方"}))
    assert kept == first
    assert "にまとめた" in words(operator.get(f"/shipments/{second}").text)


def test_chosen_things_are_sent_again(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    [first] = take_order(place.shop, run_jobs)
    print_all(place.shop, run_jobs)
    parcel_id = get_parcel(place.shop, first)
    pack(place.shop, parcel_id)
    with session_scope([place.shop_id]) as session:
        hand_over(session, place.shop_id, [parcel_id])
    run_jobs()
    assert 'name="insert-leaflet"' in operator.get(f"/shipments/{first}").text
    chosen = {"what": "chosen", f"line-{line_ids(place, first)[0]}": "1", "insert-leaflet": "1", "reason": "破損"}
    again = where_to(operator.post(f"/shipments/{first}/resend", data=chosen))
    page = words(operator.get(f"/shipments/{again}").text)
    assert "の再送" in page
    assert "破損" in page
    assert operator.post(f"/shipments/{first}/resend", data={"what": "chosen", "reason": "破損"}).status_code == 422


def test_customer_success_answers_for_a_parcel_that_changed_after_printing(place: Place, run_jobs: RunJobs) -> None:
    publish(place.shop_id, WITH_APOLOGY)
    take_order(place.shop, run_jobs)
    first, second = take_order(place.shop, run_jobs)
    print_all(place.shop, run_jobs)
    complain(place.shop, customer_of(place.shop, first))
    run_jobs()
    care = place.sit(Role.CUSTOMER_SUCCESS)
    page = care.get("/attention").text
    assert "お手紙: 印刷は「お礼状」、今なら「お詫び状」" in words(page)
    assert "「季節のたより」: 印刷は1点、今なら0点" in words(page)
    assert 'id="failed-events"' not in page
    assert 'id="release"' not in care.get(f"/shipments/{first}").text
    assert care.post(f"/shipments/{first}/keep-as-printed", data={"reason": ""}).status_code == 422
    kept = care.post(f"/shipments/{first}/keep-as-printed", data={"reason": "電話でお詫び済み", "back": "attention"})
    assert kept.headers["location"] == "/attention?done=kept"
    care.post(f"/shipments/{second}/print-anew", data={"reason": "お詫び状に替える"})
    with session_scope([place.shop_id]) as session:
        found = session.execute(select(Shipment.id, Shipment.state).order_by(Shipment.serial)).all()
    assert [row.state for row in found] == [ShipmentState.PRINTED, ShipmentState.PLANNED]
    assert "電話でお詫び済み" not in care.get("/attention").text
    english = place.sit(Role.CUSTOMER_SUCCESS, language="en")
    assert english.get("/attention").status_code == 200


def test_an_operator_lets_orders_be_merged_by_themselves(place: Place, operator: Browser, run_jobs: RunJobs) -> None:
    assert "しない" in words(operator.get("/shipments").text)
    assert operator.post("/shipments/merging", data={"hours": "999"}).status_code == 422
    operator.post("/shipments/merging", data={"hours": "12"})
    assert "12時間以内" in words(operator.get("/shipments").text)
    take_order(place.shop, run_jobs)
    assert len(take_order(place.shop, run_jobs)) == 1
    assert place.sit(Role.CUSTOMER_SUCCESS).post("/shipments/merging", data={"hours": "0"}).status_code == 403
