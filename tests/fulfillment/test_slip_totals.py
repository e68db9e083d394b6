"""What a slip says the customer pays: it adds up, or it is not said."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.db import session_scope
from core.storage.service import read_file
from fulfillment.packing.models import PrintFile, PrintFileKind
from orders.normalised import NormalisedOrder, NormalisedRefund
from orders.service import record_orders
from tests.factories.documents import read_pages
from tests.factories.fulfillment import make_shipping_shop, print_all
from tests.factories.orders import make_order, make_refund

RunJobs = Callable[..., int]
pytestmark = pytest.mark.usefixtures("database")


def print_slip(run_jobs: RunJobs, *events: NormalisedOrder | NormalisedRefund) -> str:
    shop = make_shipping_shop()
    with session_scope([shop.shop_id]) as session:
        record_orders(session, shop.shop_id, events)
    run_jobs()
    print_all(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        file_id = session.scalars(select(PrintFile.file_id).where(PrintFile.kind == PrintFileKind.PAPERS)).one()
        return "".join(read_pages(read_file(session, file_id)))


def test_a_whole_order_shows_its_total(run_jobs: RunJobs) -> None:
    words = print_slip(run_jobs, make_order())
    assert "合計" in words
    assert "¥4,000" in words


def test_a_refunded_line_is_neither_listed_nor_paid_for(run_jobs: RunJobs) -> None:
    order = make_order()
    words = print_slip(run_jobs, order, make_refund(order, line="l1", quantity=1))
    assert "¥4,000" not in words
    assert "¥3,000" in words


def test_a_total_that_does_not_follow_from_what_is_printed_is_left_out(run_jobs: RunJobs) -> None:
    words = print_slip(run_jobs, make_order(total=9999))
    assert "¥9,999" not in words
    assert "合計" not in words
