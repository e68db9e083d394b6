"""Product files through the tabular intake."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

import core.tabular.tasks  # noqa: F401 (registers the jobs)
from core.db import session_scope
from core.tabular.models import Upload, UploadRow
from core.tabular.service import ReceivedFile, receive_upload, start_upload
from orders.catalogue.models import Product
from orders.imports.registration import register_importers
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database", "clock")
HEADER = "商品コード,商品名,JANコード,カテゴリ,販売価格,税率,重量(g),厚さ(mm),温度帯,セット内容"


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    register_importers()
    return make_shop()


@pytest.fixture
def load(shop_id: UUID, run_jobs: Callable[..., int]) -> Callable[..., Upload]:
    def run(*rows: str) -> Upload:
        data = "\r\n".join([HEADER, *rows]).encode("cp932")
        with session_scope([shop_id]) as session:
            upload, _ = receive_upload(session, shop_id, ReceivedFile("products", "products.csv", data))
            start_upload(session, shop_id, upload.id)
        run_jobs()
        with session_scope([shop_id]) as session:
            return session.get_one(Upload, upload.id)

    return run


def test_products_are_read_and_repeating_changes_nothing(load: Callable[..., Upload], shop_id: UUID) -> None:
    rows = ["T-1,煎茶 100g,4901234567894,日本茶,1296,8,112,18,常温,", 'SET-1,詰合せ,,ギフト,"3,000",10,,,冷蔵,T-1×2']

    first, second = load(*rows), load(*rows)

    assert (first.new_count, first.rejected_count) == (2, 0)
    assert (second.same_count, second.changed_count) == (2, 0)
    with session_scope([shop_id]) as session:
        tea = session.scalars(select(Product).where(Product.sku == "T-1")).one()
        kit = session.scalars(select(Product).where(Product.sku == "SET-1")).one()
    assert (tea.gtin, str(tea.tax_rate), tea.thickness_mm) == ("04901234567894", "0.08000", 18)
    assert (kit.is_set, kit.price) == (True, 3000)


def test_rows_at_fault_are_refused_alone(load: Callable[..., Upload], shop_id: UUID) -> None:
    upload = load(
        "T-1,煎茶,4901234567890,,,,,,,",
        "T-2,,,,,,,,,",
        "T-3,玉露,,,,,,,,X-9×2",
        "T-4,急須,4901234567894,,,,,,,",
        "T-5,湯呑,4901234567894,,,,,,,",
        "T-4,急須,,,,,,,,",
    )

    assert (upload.new_count, upload.rejected_count) == (1, 5)
    with session_scope([shop_id]) as session:
        found = session.execute(select(UploadRow.number, UploadRow.problems).where(UploadRow.problems.is_not(None)))
        problems = {row.number: [(p["field"], p["code"]) for p in row.problems or ()] for row in found}
    assert problems == {
        2: [("gtin", "bad_check_digit")],
        3: [("name", "required")],
        4: [("components", "unknown_sku")],
        6: [("gtin", "code_taken")],
        7: [("sku", "repeated")],
    }
