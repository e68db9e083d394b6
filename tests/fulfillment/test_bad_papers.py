"""Bad input on its way to paper: refused by name at the shipment, and the wave goes on without it and says so."""

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select, update

from core.db import session_scope
from core.storage.service import read_file, store_file
from documents.errors import DocumentError
from documents.library import store_picture
from fulfillment.models import HoldReason, Shipment, ShipmentHold
from fulfillment.packing.models import PrintFile, PrintFileKind, PrintJob
from fulfillment.printing.reprinting import reprint
from fulfillment.states import ShipmentState
from orders.catalogue.models import Product
from orders.normalised import GiftWishes, NormalisedOrder
from orders.service import record_orders
from personalization.models import FittedModel
from personalization.recommendations.fitting import dump, fit
from personalization.recommendations.service import KIND
from tests.conftest import MORNING
from tests.factories.documents import read_pages
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, print_all, publish, take_order
from tests.factories.orders import TARO, make_line, make_order
from tests.factories.personalization import rule, ruleset

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database", "clock")


def bomb() -> bytes:
    """A picture of a few kilobytes and 270 million pixels."""
    buffer = BytesIO()
    Image.new("1", (30_000, 9_000)).save(buffer, "PNG")
    return buffer.getvalue()


def order(number: int, **changes: object) -> NormalisedOrder:
    return make_order(external_id=f"x{number}", number=f"#{number}", **{"lines": (make_line(1),), **changes})


def list_holds(shop: ShippingShop) -> dict[str, tuple[str, str]]:
    with session_scope([shop.shop_id]) as session:
        rows = session.execute(
            select(Shipment.accepted_at, ShipmentHold.reason, ShipmentHold.details)
            .join(Shipment, Shipment.id == ShipmentHold.shipment_id)
            .order_by(Shipment.serial)
        ).all()
    assert {row.reason for row in rows} <= {HoldReason.CANNOT_DRAW}
    return {row.details["field"]: (row.details["code"], row.details.get("character", "")) for row in rows}


def test_a_wave_goes_on_without_what_cannot_be_drawn_and_says_so(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=None)
    long_order = order(1, lines=tuple(make_line(1, external_id=f"l{number}") for number in range(600)))
    long_message = order(2, recipient=TARO, gift=GiftWishes(message="おめでとう。" * 1700))
    no_glyph = order(3, lines=(make_line(1, title="お茶\U00013000缶"),))
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, [long_order, long_message, no_glyph, order(4)])
    run_jobs()
    print_all(shop, run_jobs)

    assert list_holds(shop) == {
        "lines": ("too_many_rows", ""),
        "gift_message": ("too_long", ""),
        "lines[1].name": ("missing_glyph", "U+13000 EGYPTIAN HIEROGLYPH A001"),
    }
    with session_scope([shop.shop_id]) as session:
        states = session.scalars(select(Shipment.state).order_by(Shipment.serial)).all()
        printing = session.scalars(select(PrintJob)).one()
        assert sorted(states) == sorted([*[ShipmentState.HELD] * 3, ShipmentState.PRINTED])
        # A character that no font has is found when the shipment is decided, what is too long when it is drawn.
        assert (printing.refused, printing.copies) == (2, 2)
        papers = session.scalars(select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.PAPERS)).one()
        assert "#4" in "".join(read_pages(read_file(session, papers)))

    # The worker lives: the next wave is printed.
    take_order(shop, run_jobs, order(5))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(Shipment.state).order_by(Shipment.serial.desc())).first() is ShipmentState.PRINTED


@pytest.mark.parametrize("data", [bomb(), b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"])
def test_a_logo_that_is_no_picture_is_refused_before_it_is_stored(data: bytes) -> None:
    shop = make_shipping_shop(rules=None)
    with session_scope([shop.shop_id]) as session, pytest.raises(DocumentError) as refused:
        store_picture(session, shop.shop_id, "shop_logo", data)
    assert (refused.value.code, refused.value.field) == ("broken_image", "shop_logo")


def recommend(shop: ShippingShop, picture: bytes) -> UUID:
    """Let SKU-2, with this picture, be recommended to whoever buys SKU-1; return the picture's file."""
    model = fit([["SKU-1", "SKU-2"]] * 9 + [["SKU-3"]] * 9)
    with session_scope([shop.shop_id]) as session:
        stored = store_file(session, shop.shop_id, "p", picture, media_type="image/png").id
        session.flush()
        session.execute(update(Product).where(Product.sku == "SKU-2").values(picture_file_id=stored))
        values = {"kind": KIND, "known_until": MORNING, "customers": 9, "parameters": dump(model)}
        session.add(FittedModel(shop_id=shop.shop_id, **values))
    publish(shop.shop_id, ruleset(rule("r", {"do": "recommend", "count": 3})))
    return stored


def count_pictures(shop: ShippingShop, file_id: UUID) -> int:
    with session_scope([shop.shop_id]) as session:
        return read_file(session, file_id).count(b"/Subtype /Image")


def test_a_recommended_product_is_printed_with_its_picture_and_again(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=None)
    buffer = BytesIO()
    Image.new("RGB", (1200, 900), "#5d7f6a").save(buffer, "PNG")
    recommend(shop, buffer.getvalue())
    [shipment_id] = take_order(shop, run_jobs, order(1))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        printing = reprint(session, shop.shop_id, shipment_id, reason="紙詰まり")
        session.flush()
        mine = PrintFile.print_job_id == printing.id
        papers = PrintFile.kind == PrintFileKind.PAPERS
        again = session.scalars(select(PrintFile.file_id).where(mine, papers)).one()
        first = session.scalars(select(PrintFile.file_id).where(~mine, papers)).one()
    assert count_pictures(shop, first) == count_pictures(shop, again) == 1


def test_a_product_whose_picture_cannot_be_used_is_recommended_without_it(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop(rules=None)
    recommend(shop, bomb())
    take_order(shop, run_jobs, order(1))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        papers = session.scalars(select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.PAPERS)).one()
        assert "商品 SKU-2" in "".join(read_pages(read_file(session, papers)))
    assert count_pictures(shop, papers) == 0
