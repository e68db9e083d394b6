"""Order files of systems we know, through the tabular intake: rows become orders, whole or not at all."""

import csv
import io
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import select

import core.tabular.tasks  # noqa: F401 (registers the jobs)
from core.db import session_scope
from core.tabular.models import Upload, UploadRow
from core.tabular.service import ReceivedFile, receive_upload, start_upload
from orders.imports.registration import register_importers
from orders.kinds import ContactRole
from orders.models import Order
from orders.normalised import PaymentState
from orders.queries import OrderRecord, load_orders
from tests.factories.orders import make_selling_shop

pytestmark = pytest.mark.usefixtures("database", "clock")
Load = Callable[..., Upload]
Cells = dict[str, str]

ECCUBE = [
    "注文ID",
    "注文番号",
    "会員ID",
    "お名前(姓)",
    "お名前(名)",
    "お名前(セイ)",
    "お名前(メイ)",
    "会社名",
    "郵便番号",
    "都道府県(ID)",
    "都道府県(名称)",
    "住所1",
    "住所2",
    "メールアドレス",
    "TEL",
    "値引き",
    "送料",
    "税金",
    "合計",
    "支払合計",
    "対応状況(ID)",
    "対応状況(名称)",
    "支払方法(名称)",
    "受注日",
    "入金日",
    "注文詳細ID",
    "商品名",
    "商品コード",
    "価格",
    "個数",
    "税率",
    "明細区分(ID)",
    "出荷ID",
    "配送先_お名前(姓)",
    "配送先_お名前(名)",
    "配送先_郵便番号",
    "配送先_都道府県(名称)",
    "配送先_住所1",
    "配送先_住所2",
    "配送先_TEL",
    "お届け時間(名称)",
    "お届け希望日",
    "送料",
    "配達用メモ",
]
ECCUBE_ORDER: Cells = {
    "注文ID": "12",
    "注文番号": "1012",
    "会員ID": "7",
    "お名前(姓)": "架空",
    "お名前(名)": "花子",
    "郵便番号": "1500001",
    "都道府県(名称)": "東京都",
    "住所1": "渋谷区架空町",
    "住所2": "1-2-3",
    "メールアドレス": "hanako@example.jp",
    "TEL": "0312345678",
    "値引き": "0",
    "税金": "492",
    "合計": "6552",
    "支払合計": "6552",
    "対応状況(ID)": "6",
    "支払方法(名称)": "クレジットカード",
    "受注日": "2026-11-18 10:30:00",
    "出荷ID": "31",
    "配送先_お名前(姓)": "仮名",
    "配送先_お名前(名)": "太郎",
    "配送先_郵便番号": "5300001",
    "配送先_都道府県(名称)": "大阪府",
    "配送先_住所1": "大阪市北区仮町",
    "配送先_住所2": "4-5",
    "配送先_TEL": "0612345678",
    "お届け希望日": "2026-11-23",
}


def write_csv(headers: Sequence[str], rows: Sequence[Sequence[str]], encoding: str = "cp932") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([headers, *rows])
    return out.getvalue().encode(encoding)


def eccube_row(changes: Cells, fees: tuple[str, str] = ("660", "660")) -> list[str]:
    """One row; the two columns 送料 are told apart by their place: the order's, then the shipment's."""
    cells = ECCUBE_ORDER | changes
    fee = iter(fees)
    return [next(fee) if header == "送料" else cells.get(header, "") for header in ECCUBE]


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    register_importers()
    return make_selling_shop("SKU-1", "SKU-2")


@pytest.fixture
def load(shop_id: UUID, run_jobs: Callable[..., int]) -> Load:
    """Hand a file in as a person does, and work it to the end."""

    def run(data: bytes, *, preset: str | None = None) -> Upload:
        with session_scope([shop_id]) as session:
            upload, proposal = receive_upload(session, shop_id, ReceivedFile("orders", "orders.csv", data))
            assert proposal.preset == preset
            assert not proposal.missing
            start_upload(session, shop_id, upload.id)
        run_jobs()
        with session_scope([shop_id]) as session:
            return session.get_one(Upload, upload.id)

    return run


def read_orders(shop_id: UUID) -> list[OrderRecord]:
    with session_scope([shop_id]) as session:
        ids = session.scalars(select(Order.id)).all()
        return sorted(load_orders(session, shop_id, ids), key=lambda record: record.order.external_id)


def read_problems(shop_id: UUID) -> dict[int, set[tuple[str | None, str]]]:
    with session_scope([shop_id]) as session:
        rows = session.execute(select(UploadRow.number, UploadRow.problems).where(UploadRow.problems.is_not(None)))
        return {row.number: {(p["field"], p["code"]) for p in row.problems or ()} for row in rows}


def count(upload: Upload) -> tuple[int, int, int, int]:
    return upload.new_count, upload.changed_count, upload.same_count, upload.rejected_count


def eccube_rows() -> list[list[str]]:
    kinds = [
        {
            "明細区分(ID)": "1",
            "注文詳細ID": "101",
            "商品名": "煎茶",
            "商品コード": "SKU-1",
            "価格": "1200.00",
            "個数": "2",
            "税率": "8",
        },
        {
            "明細区分(ID)": "1",
            "注文詳細ID": "102",
            "商品名": "急須",
            "商品コード": "SKU-2",
            "価格": "3000",
            "個数": "1",
            "税率": "10",
        },
        {"明細区分(ID)": "2", "注文詳細ID": "103", "商品名": "送料", "価格": "660", "個数": "1"},
        {"明細区分(ID)": "6", "注文詳細ID": "104", "商品名": "ポイント", "価格": "-100", "個数": "1"},
    ]
    return [eccube_row(kind) for kind in kinds]


def test_an_eccube_order_of_several_rows_is_one_order(load: Load, shop_id: UUID) -> None:
    upload = load(write_csv(ECCUBE, eccube_rows()), preset="eccube")

    assert count(upload) == (4, 0, 0, 0)
    (record,) = read_orders(shop_id)
    order = record.order
    assert (order.source, order.external_id, order.number) == ("eccube", "12", "1012")
    assert [(line.sku, line.unit_price, line.quantity) for line in record.lines] == [
        ("SKU-1", 1296, 2),
        ("SKU-2", 3300, 1),
    ]
    assert [(fee.kind.value, fee.amount) for fee in record.fees] == [("shipping", 660)]
    assert (order.points_total, order.total, order.payment_state) == (100, 6552, PaymentState.PAID)
    assert order.placed_at.isoformat() == "2026-11-18T01:30:00+00:00"
    assert record.contacts[ContactRole.RECIPIENT].address1 == "大阪市北区仮町"
    assert {problem["code"] for problem in order.problems} == {"gift_to_other", "total_differs"} - (
        set() if order.computed_total != order.total else {"total_differs"}
    )


def test_the_first_of_two_columns_of_one_name_is_the_orders(load: Load, shop_id: UUID) -> None:
    row = eccube_row(
        {"明細区分(ID)": "1", "商品コード": "SKU-1", "価格": "1200", "個数": "1", "税率": "8"}, ("880", "1")
    )

    load(write_csv(ECCUBE, [row]), preset="eccube")

    assert [fee.amount for fee in read_orders(shop_id)[0].fees] == [880]


def test_repeating_a_file_changes_nothing(load: Load, shop_id: UUID) -> None:
    load(write_csv(ECCUBE, eccube_rows()), preset="eccube")

    upload = load(write_csv(ECCUBE, eccube_rows()), preset="eccube")

    assert count(upload) == (0, 0, 4, 0)
    assert read_orders(shop_id)[0].order.version == 1


def test_an_order_with_one_bad_row_is_refused_whole(load: Load, shop_id: UUID) -> None:
    rows = eccube_rows()
    rows[1][ECCUBE.index("個数")] = "二つ"
    good = eccube_row({"注文ID": "13", "注文番号": "1013", "商品コード": "SKU-1", "価格": "1200", "個数": "1"})

    upload = load(write_csv(ECCUBE, [*rows, good]), preset="eccube")

    assert count(upload) == (1, 0, 0, 4)
    assert [record.order.external_id for record in read_orders(shop_id)] == ["13"]
    problems = read_problems(shop_id)
    assert problems[3] == {("quantity", "not_a_number")}
    assert problems[2] == {("order_id", "record_has_errors")}


def test_rows_that_contradict_each_other_are_refused(load: Load, shop_id: UUID) -> None:
    rows = eccube_rows()
    rows[2][ECCUBE.index("支払合計")] = "1"
    rows[3][ECCUBE.index("出荷ID")] = "32"

    upload = load(write_csv(ECCUBE, rows), preset="eccube")

    assert count(upload) == (0, 0, 0, 4)
    problems = read_problems(shop_id)
    assert problems[4] == {("total", "conflicting")}
    assert problems[5] == {("destination", "several_destinations")}
    assert problems[2] == {("order_id", "other_order_refused")}


@pytest.mark.parametrize("status", ["7", "8"])
def test_a_cart_that_was_never_finished_is_no_order(load: Load, shop_id: UUID, status: str) -> None:
    row = eccube_row({"対応状況(ID)": status, "商品コード": "SKU-1", "価格": "1200", "個数": "1"})

    upload = load(write_csv(ECCUBE, [row]), preset="eccube")

    assert count(upload) == (0, 0, 0, 1)
    assert read_problems(shop_id)[2] == {("status", "incomplete_cart")}


def test_a_cancelled_eccube_order_is_cancelled(load: Load, shop_id: UUID) -> None:
    row = {"商品コード": "SKU-1", "価格": "1200", "個数": "1"}
    load(write_csv(ECCUBE, [eccube_row(row)]), preset="eccube")

    upload = load(write_csv(ECCUBE, [eccube_row({**row, "対応状況(ID)": "3"})]), preset="eccube")

    assert count(upload) == (0, 1, 0, 0)
    assert read_orders(shop_id)[0].order.cancelled_at is not None
