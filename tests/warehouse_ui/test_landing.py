"""The address in the QR symbol of a printed copy, as phones, previews and guessers open it."""

import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from redis import Redis

from app.main import create_app
from core.codes import issue_codes, new_code
from core.db import session_scope
from core.ids import new_id
from core.settings import get_settings
from fulfillment.packing.models import UnitKind
from fulfillment.printing.reprinting import reprint
from tests.conftest import FixedClock
from tests.factories.core import make_shop
from tests.factories.fulfillment import ShippingShop, code_of, get_parcel, print_all, take_order
from tests.factories.landing import (
    choose,
    count_visits,
    find_onward,
    follow,
    list_visits,
    make_open_shop,
    send_parcel,
    slip_code,
    take_phone,
)
from tests.racing import run_at_once
from warehouse_ui.routes import landing as page

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database", "valkey")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def valkey(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Redis.from_url(redis_url) as broker:
        broker.flushdb()
    monkeypatch.setenv("SOEGAKI_REDIS_URL", redis_url)
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def shop() -> ShippingShop:
    return make_open_shop()


def test_a_code_leads_to_the_shop_and_the_visit_is_in_the_history(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    address = follow(take_phone(app), code)
    wanted = "https://shop.example.jp/welcome?utm_source=parcel&utm_medium=qr&utm_campaign=packing_slip"
    assert address == wanted
    [visit] = list_visits(shop)
    assert (visit.channel, visit.campaign, visit.source) == ("qr", "packing_slip", "soegaki")
    assert count_visits(shop) == (1, 1)


def test_the_page_is_small_says_nothing_of_anybody_and_tells_nobody_the_code(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    shown, sent = phone.get(f"/c/{code}"), phone.get(find_onward(phone, code))
    assert len(shown.content) < 2500
    assert "花子" not in shown.text
    assert "<script" not in shown.text
    for answer in (shown, sent):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    assert "unsafe" not in shown.headers["content-security-policy"]
    assert code not in sent.headers["location"]


def test_half_an_hour_of_coming_back_is_one_visit(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs, clock: FixedClock
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    onward = find_onward(phone, code)
    for _ in range(2):  # A double click, the button beside the automatic way, the back button.
        phone.get(onward)
        follow(phone, code)
    clock.advance(minutes=29)
    follow(take_phone(app), code)
    assert len(list_visits(shop)) == 1
    clock.advance(minutes=2)
    follow(phone, code)
    assert len(list_visits(shop)) == 2
    assert count_visits(shop) == (2, 2)


def test_fifty_at_once_are_one_visit(app: FastAPI, shop: ShippingShop, run_jobs: RunJobs) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    onward = find_onward(phone, code)
    answers = run_at_once([lambda: phone.get(onward).status_code] * 50)
    assert answers == [303] * 50
    assert len(list_visits(shop)) == 1
    assert count_visits(shop) == (1, 1)


def test_previews_prefetching_and_stored_addresses_are_no_visit(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    onward = find_onward(phone, code)
    bot = {"user-agent": "facebookexternalhit/1.1;line-poker/1.0"}
    previewed = phone.get(f"/c/{code}", headers=bot)
    assert previewed.status_code == 200
    assert "http-equiv" not in previewed.text
    assert phone.get(onward, headers=bot).status_code == 303
    assert phone.get(onward, headers={"sec-purpose": "prefetch;prerender"}).status_code == 503
    image = {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert phone.get(onward, headers=image).status_code == 303
    assert phone.head(f"/c/{code}").status_code == 200
    assert phone.head(onward).status_code == 303
    assert phone.get(f"/c/{code}/go").status_code == 303
    assert phone.get(f"/c/{code}/go?t={'0' * 32}").status_code == 303
    assert list_visits(shop) == []
    assert count_visits(shop) == (0, 0)


def test_nothing_a_visitor_adds_changes_where_they_go(app: FastAPI, shop: ShippingShop, run_jobs: RunJobs) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    for extra in ("?next=https://other.example/", "?url=//other.example", "?utm_source=x"):
        answer = phone.get(f"/c/{code}/go{extra}")
        assert answer.headers["location"].startswith("https://shop.example.jp/welcome?utm_source=parcel&")


def test_the_warehouse_opening_a_code_is_no_visit_and_a_label_never_is(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs
) -> None:
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    follow(take_phone(app), slip_code(shop, get_parcel(shop, shipment_id)))
    other = make_open_shop()
    label = code_of(other, send_parcel(other, run_jobs), UnitKind.LABEL)
    follow(take_phone(app), label)
    assert (list_visits(shop), list_visits(other)) == ([], [])
    assert (count_visits(shop), count_visits(other)) == ((0, 0), (0, 0))


def test_a_void_paper_still_leads_there_and_is_nobodys(app: FastAPI, shop: ShippingShop, run_jobs: RunJobs) -> None:
    [shipment_id] = take_order(shop, run_jobs)
    print_all(shop, run_jobs)
    old = slip_code(shop, get_parcel(shop, shipment_id))
    with session_scope([shop.shop_id]) as session:
        reprint(session, shop.shop_id, shipment_id, reason="紙づまり")
        session.connection().exec_driver_sql("UPDATE shipments SET handed_over_at = now()")
    assert follow(take_phone(app), old).startswith("https://shop.example.jp/")
    follow(take_phone(app), old)
    assert list_visits(shop) == []
    assert count_visits(shop) == (1, 0)


def test_after_its_time_a_code_shows_the_shop_and_leads_nowhere(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs, clock: FixedClock
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app, "en-GB")
    onward = find_onward(phone, code)
    choose(shop, address="https://shop.example.jp/welcome", expires_after_days=30)
    clock.advance(days=31)
    for path in (f"/c/{code}", onward):
        answer = phone.get(path)
        assert answer.status_code == 404
        assert "no longer in use" in answer.text
        assert "Shop " in answer.text
        assert 'href="https://shop.example.jp/welcome"' in answer.text
        assert "utm_" not in answer.text
    assert count_visits(shop) == (0, 0)


def test_without_an_address_the_shop_is_named_and_its_own_page_linked(app: FastAPI) -> None:
    shop_id = make_shop("tea")
    with session_scope([shop_id]) as session:
        session.connection().exec_driver_sql('UPDATE shops SET profile = \'{"url": "shop.example.jp"}\'')
        [code] = issue_codes(session, shop_id, "copy", [new_id()])
    answer = take_phone(app).get(f"/c/{code}")
    assert answer.status_code == 200
    assert "店舗" in answer.text
    assert 'href="https://shop.example.jp/"' in answer.text


def test_unknown_wrong_and_malformed_codes_get_one_answer(app: FastAPI) -> None:
    phone = take_phone(app)
    unknown = new_code()
    wrong = unknown[:-1] + ("0" if unknown[-1] != "0" else "1")
    answers = [phone.get(f"/c/{text}{way}") for text in (unknown, wrong, "nonsense", "あ" * 13) for way in ("", "/go")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "使われていません" in answers[0].text


def test_guessing_ends_soon_and_evenly(app: FastAPI, shop: ShippingShop, run_jobs: RunJobs) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    answers = [phone.get(f"/c/{new_code()}").status_code for _ in range(page.MISSES + 5)]
    assert answers == [404] * page.MISSES + [429] * 5
    good, bad = phone.get(f"/c/{code}"), phone.get("/c/nonsense")
    assert (good.status_code, good.text) == (bad.status_code, bad.text) == (429, good.text)


def test_half_a_code_cannot_be_completed_from_many_addresses(
    app: FastAPI, shop: ShippingShop, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = slip_code(shop, send_parcel(shop, run_jobs))
    numbers = iter(range(1000))
    monkeypatch.setattr(page, "_find_address", lambda _request: f"192.0.2.{next(numbers)}")
    phone = take_phone(app)
    for _ in range(page.PREFIX_MISSES):
        assert phone.get(f"/c/{code[:6]}{new_code()[6:]}").status_code == 404
    assert phone.get(f"/c/{code}").status_code == 429
    assert phone.get(f"/c/{new_code()}").status_code == 404


def test_it_costs_little(app: FastAPI, shop: ShippingShop, run_jobs: RunJobs) -> None:
    """Processor time of this process for page and step together; measured 9 ms on the machine it was written on."""
    code = slip_code(shop, send_parcel(shop, run_jobs))
    phone = take_phone(app)
    follow(phone, code)
    started = time.process_time()
    for _ in range(20):
        follow(phone, code)
    assert (time.process_time() - started) / 20 < 0.1
