"""What each rule did, on the screen; and what a customer would get now."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.auth.roles import Role
from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.service import cancel_shipment
from orders.models import Order
from personalization.models import Allotment, Decision
from personalization.plan import Reason
from personalization.publishing import save_draft
from tests.browsing import Browser, browse
from tests.factories.fulfillment import RULES, make_shipping_shop, print_all, publish, take_order
from tests.warehouse_ui.conftest import Place
from warehouse_ui.reason_labels import LABELS
from warehouse_ui.rules.draft import load_draft

RunJobs = Callable[..., int]
SECOND: dict[str, Any] = {
    "key": "never",
    "name": {"ja": "だれにも合わない", "en": "Fits nobody"},
    "when": {"fact": "order.total", "op": "at_least", "value": 900000},
    "then": [{"do": "tag", "tag": "t"}],
}


@pytest.fixture
def printed(place: Place, run_jobs: RunJobs) -> UUID:
    publish(place.shop_id, {**RULES, "rules": [*RULES["rules"], SECOND]})
    [shipment_id] = take_order(place.shop, run_jobs)
    print_all(place.shop, run_jobs)
    return shipment_id


def test_what_was_printed_is_counted_and_what_was_cancelled_is_not(
    place: Place, operator: Browser, printed: UUID
) -> None:
    path = "/rules/figures/letter-and-leaflet"
    page = operator.get(path).text
    assert 'data-figure="fired"><span class="figure-number">1<' in page
    assert 'data-insert="leaflet"' in page
    assert f"/shipments/{printed}/why?rule=letter-and-leaflet" in page
    assert "<rect" in page
    listed = operator.get("/rules/figures").text
    assert 'data-rule="letter-and-leaflet" data-standing="works"' in listed
    assert 'data-rule="never" data-standing="too_early"' in listed
    with session_scope([place.shop_id]) as session:
        cancel_shipment(session, place.shop_id, printed)
    assert 'data-figure="fired"><span class="figure-number">0<' in operator.get(path).text


def test_a_rule_that_nobody_knows_is_not_found(place: Place, operator: Browser) -> None:
    assert operator.get("/rules/figures/nothing-like-it").status_code == 404


def test_figures_are_read_by_office_people_only(place: Place) -> None:
    assert place.sit(Role.CUSTOMER_SUCCESS).get("/rules/figures").status_code == 200
    assert place.sit(Role.PACKER).get("/rules/figures").status_code == 403


def test_every_reason_has_a_label() -> None:
    assert set(LABELS) == set(Reason)


def find_customer(place: Place) -> UUID:
    with session_scope([place.shop_id]) as session:
        return session.scalars(select(Shipment.customer_id)).one() or place.shop_id


def count(place: Place) -> list[int | None]:
    with session_scope([place.shop_id]) as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in (Order, Decision, Allotment)]


def test_what_a_customer_would_get_is_told_and_nothing_written(place: Place, printed: UUID) -> None:
    customer_id, before = find_customer(place), count(place)
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    assert "買い物かご" in browser.get("/what-if", params={"customer": str(customer_id)}).text
    data = {"customer": str(customer_id), "goods-0": "SKU-1 何か", "quantity-0": "2"}
    answer = browser.post("/what-if", data=data)
    assert answer.status_code == 200
    assert "季節のたより × 1" in answer.text
    assert 'data-rule="never" data-outcome="not_matched"' in answer.text
    assert count(place) == before


def test_an_operator_may_ask_the_draft(place: Place, operator: Browser, printed: UUID) -> None:
    with session_scope([place.shop_id]) as session:
        seen = load_draft(session, place.shop_id).version
        nothing = {**RULES, "rules": [{**RULES["rules"][0], "enabled": False}]}
        save_draft(session, place.shop_id, nothing, seen_version=seen, author="Hana")
    data = {"customer": str(find_customer(place)), "goods-0": "SKU-1", "quantity-0": "1", "draft": "1"}
    assert "同梱物はありません" in operator.post("/what-if", data=data).text
    assert "季節のたより × 1" in place.sit(Role.CUSTOMER_SUCCESS).post("/what-if", data=data).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"goods-0": ""}, "商品を1つは入れてください"),
        ({"goods-0": "NO-SUCH"}, "「NO-SUCH」という商品は見つかりません"),
        ({"quantity-0": "0"}, "数量は1以上"),
    ],
)
def test_a_basket_with_a_mistake_is_told_at_its_place(
    place: Place, operator: Browser, printed: UUID, changes: dict[str, str], words: str
) -> None:
    data = {"customer": str(find_customer(place)), "goods-0": "SKU-1", "quantity-0": "1", **changes}
    answer = operator.post("/what-if", data=data)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_customers_are_found_by_search_and_others_stay_out(place: Place, operator: Browser, printed: UUID) -> None:
    with session_scope([place.shop_id]) as session:
        name = session.scalars(select(Shipment.recipient_name)).one()
    assert f"/what-if?customer={find_customer(place)}" in operator.get("/what-if", params={"q": name}).text
    assert place.sit(Role.PACKER).get("/what-if").status_code == 403
    stranger = browse(place.app, Role.OPERATOR, shop_ids=[make_shipping_shop().shop_id])
    assert stranger.get("/what-if", params={"customer": str(find_customer(place))}).status_code == 404


def test_a_basket_takes_goods_by_a_part_of_their_name(place: Place, run_jobs: RunJobs) -> None:
    take_order(place.shop, run_jobs)
    browser = place.sit(Role.CUSTOMER_SUCCESS)
    data = {"customer": str(find_customer(place)), "quantity-0": "1"}
    assert "季節のたより × 1" in browser.post("/what-if", data=data | {"goods-0": "KU-1"}).text
    several = browser.post("/what-if", data=data | {"goods-0": "商品"})
    assert several.status_code == 422
    assert "2件あります" in several.text
    assert "SKU-2 商品 SKU-2" in several.text
