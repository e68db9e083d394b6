"""The cover sheet names every parcel of its part by shipment and order, also one whose slip does not."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.db import session_scope
from core.storage.service import read_file
from fulfillment.packing.models import PrintFile, PrintFileKind
from tests.factories.documents import read_pages
from tests.factories.fulfillment import make_shipping_shop, print_all, take_order
from tests.factories.orders import TARO, make_order

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def test_a_gift_is_found_by_its_order_too(run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    take_order(shop, run_jobs, make_order(number="#77001", recipient=TARO))
    take_order(shop, run_jobs, make_order(external_id="other", number="#77002"))
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        [file_id] = session.scalars(select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.COVER))
        cover = "".join(read_pages(read_file(session, file_id)))
    assert "#77001" in cover
    assert "#77002" in cover
