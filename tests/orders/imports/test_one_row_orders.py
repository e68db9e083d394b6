"""Order files with one row for each line and nothing else: Rakuten, Next Engine, and a plain layout by its words."""

from uuid import UUID

import pytest

from orders.kinds import ContactRole
from orders.normalised import PaymentState
from tests.orders.imports.test_orders_importer import Cells, Load, count, load, read_orders, shop_id, write_csv

pytestmark = pytest.mark.usefixtures("database", "clock")
__all__ = ["load", "shop_id"]  # The fixtures.

RAKUTEN: Cells = {
    "注文番号": "300001-20261118-00001",
    "ステータス": "300",
    "注文日時": "2026-11-18 10:30:00",
    "支払方法名": "代金引換",
    "消費税合計": "0",
    "送料合計": "550",
    "代引料合計": "330",
    "請求金額": "3372",
    "ポイント利用額": "100",
    "クーポン利用総額": "0",
    "注文者郵便番号1": "150",
    "注文者郵便番号2": "0001",
    "注文者住所都道府県": "東京都",
    "注文者住所郡市区": "渋谷区",
    "注文者住所それ以降の住所": "架空町1-2-3",
    "注文者姓": "架空",
    "注文者名": "花子",
    "注文者電話番号1": "03",
    "注文者電話番号2": "1234",
    "注文者電話番号3": "5678",
    "注文者メールアドレス": "abc123@pc.fw.rakuten.ne.jp",
    "送付先ID": "1",
    "のし": "内祝",
    "送付先郵便番号1": "150",
    "送付先郵便番号2": "0001",
    "送付先住所都道府県": "東京都",
    "送付先住所郡市区": "渋谷区",
    "送付先住所それ以降の住所": "架空町1-2-3",
    "送付先姓": "架空",
    "送付先名": "花子",
    "送付先電話番号1": "03",
    "送付先電話番号2": "1234",
    "送付先電話番号3": "5678",
    "商品明細ID": "1",
    "商品名": "煎茶",
    "商品番号": "",
    "商品管理番号": "SKU-1",
    "単価": "1296",
    "個数": "2",
    "税込別": "1",
    "項目・選択肢": "色:緑\n名入れ:はなこ",
}


def test_a_rakuten_order_is_read(load: Load, shop_id: UUID) -> None:
    upload = load(write_csv(list(RAKUTEN), [list(RAKUTEN.values())]), preset="rakuten")

    assert count(upload) == (1, 0, 0, 0)
    (record,) = read_orders(shop_id)
    assert record.order.payment_state is PaymentState.ON_DELIVERY
    assert record.order.problems == []
    assert record.order.gift_noshi == "内祝"
    assert {(fee.kind.value, fee.amount) for fee in record.fees} == {("shipping", 550), ("cash_on_delivery", 330)}
    buyer = record.contacts[ContactRole.BUYER]
    assert (buyer.postal_code, buyer.phone, buyer.name) == ("150-0001", "03-1234-5678", "架空 花子")
    assert record.lines[0].sku == "SKU-1"
    assert record.lines[0].attributes == {"option": "色:緑\n名入れ:はなこ"}


NEXTENGINE: Cells = {
    "店舗伝票番号": "N-1",
    "受注日": "2026/11/18 10:30:00",
    "受注郵便番号": "1500001",
    "受注住所１": "東京都渋谷区架空町",
    "受注住所２": "1-2-3",
    "受注名": "架空花子",
    "受注名カナ": "カクウハナコ",
    "受注電話番号": "03-1234-5678",
    "受注メールアドレス": "hanako@example.jp",
    "発送郵便番号": "5300001",
    "発送先住所１": "大阪府大阪市北区",
    "発送先住所２": "仮町4-5",
    "発送先名": "仮名太郎",
    "発送先カナ": "",
    "発送電話番号": "06-1234-5678",
    "支払方法": "銀行振込",
    "発送方法": "宅急便",
    "商品計": "2592",
    "税金": "0",
    "発送料": "660",
    "手数料": "0",
    "ポイント": "0",
    "その他費用": "-200",
    "合計金額": "3052",
    "ギフトフラグ": "0",
    "時間帯指定": "午前中",
    "日付指定": "2026/11/23",
    "備考": "",
    "商品名": "煎茶",
    "商品コード": "SKU-1",
    "商品価格": "1296",
    "受注数量": "2",
    "商品オプション": "",
    "出荷済フラグ": "0",
    "顧客区分": "",
    "顧客コード": "77",
    "消費税率": "8",
}


def test_a_nextengine_order_is_read(load: Load, shop_id: UUID) -> None:
    upload = load(write_csv(list(NEXTENGINE), [list(NEXTENGINE.values())]), preset="nextengine")

    assert count(upload) == (1, 0, 0, 0)
    (record,) = read_orders(shop_id)
    recipient = record.contacts[ContactRole.RECIPIENT]
    assert (recipient.region, recipient.address1) == ("大阪府", "大阪市北区")
    assert record.order.discount_total == 200
    assert record.order.computed_total == record.order.total == 3052
    assert {problem["code"] for problem in record.order.problems} == {"unpaid", "gift_to_other"}


def test_the_plain_layout_is_read_by_its_words(load: Load, shop_id: UUID) -> None:
    headers = ["注文ID", "注文日時", "合計金額", "注文者名前", "注文者メールアドレス", "注文者郵便番号", "注文者住所1"]
    headers += [
        "支払方法",
        "入金日",
        "商品コード",
        "商品名",
        "単価",
        "数量",
        "税率",
        "お届け希望日",
        "ギフトメッセージ",
    ]
    first = ["P-1", "2026-11-18 10:30", "3,592円", "架空 花子", "hanako@example.jp", "150-0001", "東京都渋谷区1-2"]
    first += ["銀行振込", "2026/11/19", "SKU-1", "煎茶", "1,296", "１", "8", "2026年11月23日", "おめでとう"]
    second = ["P-1", *[""] * 8, "SKU-2", "急須", "2296", "1", "10%".rstrip("%"), "", ""]
    second[1], second[2] = first[1], first[2]

    upload = load(write_csv(headers, [first, second], "utf-8-sig"))

    assert count(upload) == (2, 0, 0, 0)
    (record,) = read_orders(shop_id)
    assert (record.order.source, record.order.payment_state) == ("plain", PaymentState.PAID)
    assert record.contacts[ContactRole.RECIPIENT].region == "東京都"
    assert record.order.gift_message == "おめでとう"
    assert record.order.problems == []
