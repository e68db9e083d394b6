"""No page has what axe-core calls a violation: Japanese in daylight, English at night, and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from core.auth.roles import EVERYBODY
from core.db import session_scope
from fulfillment.models import Shipment
from fulfillment.packing.models import UnitKind
from tests.browser.conftest import Stage
from tests.browser.looks import LOOKS
from tests.browser.test_story import scan
from tests.factories.fulfillment import code_of, get_parcel, pack, print_all, take_order
from tests.factories.orders import make_order

pytestmark = pytest.mark.browser
RunJobs = Callable[..., int]
Check = Callable[[Page], list[str]]
PLAIN = (
    "/account",
    "/bench",
    "/shipments",
    "/shipments?q=nothing-like-it",
    "/waves",
    "/customers",
    "/rules",
    "/rules/new",
    "/rules/letter-and-leaflet/edit",
    "/rules/versions",
    "/templates",
    "/templates/gallery",
    "/templates/pictures",
    "/templates/thank_you_letter/ja/versions",
    "/inserts",
    "/inserts/new",
    "/inserts/leaflet/edit",
    "/imports",
    "/attention",
    "/users",
    "/audit",
    "/choose-shop",
    "/nothing-here",
)


def prepare(stage: Stage, run_jobs: RunJobs) -> list[str]:
    """Have one parcel packed and one on its way; return the pages of single things."""
    take_order(stage.shop, run_jobs)
    shipments = take_order(stage.shop, run_jobs, make_order(external_id="1002", number="#1002"))
    wave_id = print_all(stage.shop, run_jobs)
    pack(stage.shop, get_parcel(stage.shop, shipments[0]))
    with session_scope([stage.shop.shop_id]) as session:
        customer_id = session.execute(select(Shipment.customer_id)).scalars().first()
    return [*(f"/shipments/{each}" for each in shipments), f"/waves/{wave_id}", f"/customers/{customer_id}"]


@pytest.mark.parametrize(("language", "theme", "phone"), LOOKS)
@pytest.mark.timeout(300)
def test_no_page_has_a_violation(
    stage: Stage,
    run_jobs: RunJobs,
    check_page: Check,
    look: Callable[[Page, str], None],
    language: str,
    theme: str,
    phone: bool,
) -> None:
    single = prepare(stage, run_jobs)
    page = stage.seat(*EVERYBODY, language=language, theme=theme, phone=phone)
    found: dict[str, list[str]] = {}
    for path in (*PLAIN, *single):
        page.goto(path)
        if page.locator("#rule-editor").count():
            page.wait_for_selector("#rule-editor[data-ready]")
        page.evaluate("document.querySelectorAll('details.more').forEach(each => each.open = true)")
        look(page, f"{language}-{theme}{'-phone' if phone else ''}{path.replace('/', '_')[:40]}")
        found |= {path: problems} if (problems := check_page(page)) else {}
    assert found == {}


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), pytest.param("en", "dark", marks=pytest.mark.prove)])
def test_the_bench_has_no_violation_in_any_state(
    stage: Stage, run_jobs: RunJobs, check_page: Check, language: str, theme: str
) -> None:
    [shipment_id] = take_order(stage.shop, run_jobs)
    wave_id = print_all(stage.shop, run_jobs)
    parcel_id = get_parcel(stage.shop, shipment_id)
    page = stage.seat(*EVERYBODY, language=language, theme=theme)
    page.goto(f"/bench/{wave_id}")
    page.wait_for_selector("#station[data-ready]")
    found = {"waiting": check_page(page)}
    for text, outcome in [
        ("NOBODY-KNOWS", "unknown"),
        (code_of(stage.shop, parcel_id, UnitKind.SLIP), "parcel_opened"),
        ("SKU-1", "accepted"),
        (code_of(stage.shop, parcel_id, UnitKind.LABEL), "incomplete"),
    ]:
        scan(page, text, outcome)
        found[outcome] = check_page(page)
    page.click("#aside")
    found["dialog"] = check_page(page)
    assert {state: problems for state, problems in found.items() if problems} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_way_in_has_no_violation(stage: Stage, check_page: Check, theme: str) -> None:
    context = stage.chromium.new_context(base_url=stage.address, color_scheme=theme)  # type: ignore[arg-type]
    stage.contexts.append(context)
    page = context.new_page()
    page.goto("/sign-in?reason=ended")
    assert check_page(page) == []
