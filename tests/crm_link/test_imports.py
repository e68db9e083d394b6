"""Customers and touchpoints from files."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.db import session_scope
from core.tabular import tasks
from core.tabular.decoding import read_table
from core.tabular.models import UploadState
from core.tabular.service import ReceivedFile, get_upload, receive_upload, start_upload, write_error_file
from crm_link.imports.customers import CustomerImporter
from crm_link.imports.registration import register_importers
from crm_link.kinds import ConsentState, Purpose, TouchpointKind
from crm_link.models import Consent, Customer, Touchpoint, TouchpointLine
from crm_link.queries import get_profile
from crm_link.records import ConsentIn
from crm_link.searching import search_customers
from crm_link.service import erase_customer, record_consents
from tests.factories.core import make_shop
from tests.factories.crm_link import make_customer

pytestmark = pytest.mark.usefixtures("database")
RunJobs = Callable[..., int]
Counts = tuple[int, int, int, int]
assert tasks.stage is not None  # Its import registers the jobs.

PLAIN = (
    "顧客番号,氏名,フリガナ,メールアドレス,電話番号,郵便番号,都道府県,住所1,生年月日,会員ランク,タグ,販促同意\n"
    "1,架空 花子,カクウ ハナコ,hanako@example.jp,０３－１２３４－５６７８,100-0001,東京,千代田区1-1,"
    "1980/1/2,ゴールド,茶;肌,はい\n"
    '2,架空 太郎,,taro@example.jp,,="0600001",北海道,,,,,いいえ\n'
)
HISTORY = (
    "注文番号,種別,注文日時,顧客番号,メールアドレス,金額,商品コード,商品カテゴリ,数量,明細金額,取消\n"
    "A1,購入,2026/04/01 12:00,1,,3000,TEA-1,茶,2,2000,\n"
    "A1,購入,2026/04/01 12:00,1,,3000,SOAP,肌,1,1000,\n"
    "A2,購入,2026/05/01 09:00,2,taro@example.jp,,TEA-2,茶,1,1500,\n"
    ",問い合わせ,2026/05/02,1,,,,,,,\n"
)


@pytest.fixture(autouse=True)
def _known_importers() -> None:
    register_importers()


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def take_in(
    shop_id: UUID, run_jobs: RunJobs, importer: str, data: bytes, options: dict[str, str] | None = None
) -> tuple[UUID, Counts]:
    with session_scope([shop_id]) as session:
        received = ReceivedFile(f"crm_link.{importer}", "file.csv", data, options=options or {})
        upload, proposal = receive_upload(session, shop_id, received)
        assert proposal.missing == ()
        start_upload(session, shop_id, upload.id)
    run_jobs()
    with session_scope([shop_id]) as session:
        done = get_upload(session, shop_id, upload.id)
        assert done.state is UploadState.DONE
        return done.id, (done.new_count, done.changed_count, done.same_count, done.rejected_count)


def list_reasons(shop_id: UUID, upload_id: UUID) -> list[str]:
    with session_scope([shop_id]) as session:
        _, data = write_error_file(session, shop_id, upload_id, language="en")
    return [cells[-1] for _, cells in read_table(data).rows]


def find(shop_id: UUID, query: str) -> UUID:
    with session_scope([shop_id]) as session:
        (row,) = search_customers(session, shop_id, query).rows
    return row.customer_id


def test_a_plain_file_makes_customers_with_all_that_is_said_of_them(shop_id: UUID, run_jobs: RunJobs) -> None:
    _, counted = take_in(shop_id, run_jobs, "customers", PLAIN.encode("cp932"))
    assert counted == (2, 0, 0, 0)

    with session_scope([shop_id]) as session:
        profile = get_profile(session, shop_id, find(shop_id, "03-1234-5678"))
    (card,) = profile.cards
    assert (card.name, card.region, card.postal_norm) == ("架空 花子", "東京都", "1000001")
    assert profile.attributes == {"birthday": date(1980, 1, 2)}
    assert (profile.ranks, profile.tags) == ({"default": "ゴールド"}, ["肌", "茶"])
    assert profile.purposes[Purpose.MARKETING] is ConsentState.GRANTED
    with session_scope([shop_id]) as session:
        other = get_profile(session, shop_id, find(shop_id, "taro@example.jp"))
    assert other.purposes[Purpose.MARKETING] is ConsentState.DENIED
    assert other.cards[0].postal_norm == "0600001"


def test_the_same_file_again_changes_nothing_and_a_mended_one_only_what_it_says(
    shop_id: UUID, run_jobs: RunJobs
) -> None:
    take_in(shop_id, run_jobs, "customers", PLAIN.encode())

    assert take_in(shop_id, run_jobs, "customers", PLAIN.encode())[1] == (0, 0, 2, 0)
    changed = PLAIN.replace("茶;肌", "茶").replace("ゴールド", "プラチナ")
    assert take_in(shop_id, run_jobs, "customers", changed.encode())[1] == (0, 1, 1, 0)
    with session_scope([shop_id]) as session:
        profile = get_profile(session, shop_id, find(shop_id, "hanako@example.jp"))
        assert (profile.tags, profile.ranks) == (["茶"], {"default": "プラチナ"})
        assert session.execute(select(func.count()).select_from(Consent)).scalar_one() == 2


def test_a_repeated_list_does_not_outdo_a_withdrawal(shop_id: UUID, run_jobs: RunJobs) -> None:
    take_in(shop_id, run_jobs, "customers", PLAIN.encode())
    customer_id = find(shop_id, "hanako@example.jp")
    with session_scope([shop_id]) as session:
        withdrawal = ConsentIn(
            customer_id=customer_id,
            purpose=Purpose.MARKETING,
            state=ConsentState.DENIED,
            source="staff",
            occurred_at=datetime.now(UTC),
        )
        record_consents(session, shop_id, [withdrawal])
    take_in(shop_id, run_jobs, "customers", PLAIN.encode())

    with session_scope([shop_id]) as session:
        profile = get_profile(session, shop_id, customer_id)
    assert profile.purposes[Purpose.MARKETING] is ConsentState.DENIED


def test_rows_that_cannot_be_used_say_why(shop_id: UUID, run_jobs: RunJobs) -> None:
    content = (
        "顧客番号,氏名,メールアドレス,電話番号\n"
        ",架空 花子,,\n"
        "2,架空 太郎,taro(at)example.jp,\n"
        "3,架空 次郎,,123\n"
        "4,架空 三郎,,000-0000-0000\n"
    )
    upload_id, counted = take_in(shop_id, run_jobs, "customers", content.encode())

    assert counted == (1, 0, 0, 3)
    assert list_reasons(shop_id, upload_id) == [
        "A customer id, an e-mail address or a telephone number is needed.",
        "Not an e-mail address.",
        "Not a telephone number (country: JP).",
    ]


def test_eccube_members_are_recognised_in_any_order_of_columns(shop_id: UUID, run_jobs: RunJobs) -> None:
    content = (
        "メールアドレス,会員ID,お名前(姓),お名前(名),お名前(セイ),お名前(メイ),郵便番号,都道府県(ID),都道府県(名称),住所1,TEL,"
        "性別(名称),誕生日,会員ステータス(名称),更新日,ポイント\n"
        "hanako@example.jp,15,髙橋,花子,タカハシ,ハナコ,1000001,13,東京都,千代田区,0312345678,"
        "女性,1980-01-02 00:00:00,本会員,2026-04-01 10:00:00,120\n"
    )
    _, counted = take_in(shop_id, run_jobs, "customers", content.encode("cp932"))

    assert counted == (1, 0, 0, 0)
    with session_scope([shop_id]) as session:
        profile = get_profile(session, shop_id, find(shop_id, "高橋"))
    assert [(i.source, i.external_id) for i in profile.identities] == [("eccube", "15")]
    assert profile.cards[0].name == "髙橋 花子"
    assert profile.attributes["member_status"] == "本会員"


def test_shopify_customers_are_recognised_with_their_quoted_numbers(shop_id: UUID, run_jobs: RunJobs) -> None:
    content = (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,"
        "Default Address Country Code,"
        "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,"
        "Tax Exempt,Tags\n"
        "'8779761975521,Hanako,Kakuu,hanako@example.jp,yes,,1-1,,Chiyoda-ku,JP-13,JP,'1000001,,'+819012345678,no,"
        '0.00,0,,no,"VIP, tea"\n'
    )
    take_in(shop_id, run_jobs, "customers", content.encode())

    with session_scope([shop_id]) as session:
        profile = get_profile(session, shop_id, find(shop_id, "8779761975521"))
    (card,) = profile.cards
    assert (card.region, card.phone_e164, card.postal_norm) == ("東京都", "+819012345678", "1000001")
    assert profile.tags == ["VIP", "tea"]


def test_history_comes_in_with_its_lines_and_once(shop_id: UUID, run_jobs: RunJobs) -> None:
    options = {"known_at": "occurred"}
    assert take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode(), options)[1] == (4, 0, 0, 0)
    assert take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode(), options)[1] == (0, 0, 4, 0)
    cancelled = HISTORY.replace("1500,", "1500,はい")
    assert take_in(shop_id, run_jobs, "touchpoints", cancelled.encode(), options)[1] == (0, 1, 3, 0)

    with session_scope([shop_id]) as session:
        rows = session.execute(
            select(Touchpoint.kind, Touchpoint.amount, Touchpoint.quantity, Touchpoint.skus)
            .where(Touchpoint.retired_at.is_(None))
            .order_by(Touchpoint.occurred_at)
        ).all()
        lines = session.execute(select(func.count()).select_from(TouchpointLine)).scalar_one()
        customers = session.execute(select(func.count()).select_from(Customer)).scalar_one()
    assert rows == [
        (TouchpointKind.PURCHASE, 3000, 3, ["SOAP", "TEA-1"]),
        (TouchpointKind.SUPPORT_TICKET, None, None, []),
    ]
    assert (lines, customers) == (4, 2)


def test_a_history_must_say_when_it_was_known(shop_id: UUID, run_jobs: RunJobs) -> None:
    upload_id, counted = take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode())

    assert counted == (0, 0, 0, 4)
    assert set(list_reasons(shop_id, upload_id)) == {
        'No column says when it became known: choose option known_at "occurred" or "upload".'
    }


def test_a_purchase_of_an_erased_customer_does_not_come_back(shop_id: UUID, run_jobs: RunJobs) -> None:
    options = {"known_at": "occurred"}
    take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode(), options)
    with session_scope([shop_id]) as session:
        erase_customer(session, shop_id, find(shop_id, "taro@example.jp"))
    upload_id, counted = take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode(), options)

    assert counted == (0, 0, 3, 1)
    assert list_reasons(shop_id, upload_id) == ["This customer's data has been erased."]


def test_customers_and_history_of_one_system_meet_in_one_customer(shop_id: UUID, run_jobs: RunJobs) -> None:
    take_in(shop_id, run_jobs, "customers", PLAIN.encode(), {"source": "crm"})
    options = {"known_at": "upload", "source": "pos", "customer_source": "crm"}
    take_in(shop_id, run_jobs, "touchpoints", HISTORY.encode(), options)

    with session_scope([shop_id]) as session:
        owners = set(session.execute(select(Touchpoint.customer_id)).scalars())
    assert owners == {find(shop_id, "hanako@example.jp"), find(shop_id, "taro@example.jp")}


def test_every_field_of_a_preset_exists() -> None:
    importer = CustomerImporter()
    known = {field.name for field in importer.fields}

    assert all(set(preset.sources) <= known for preset in importer.presets)


def test_a_customer_of_another_shop_is_not_found(shop_id: UUID) -> None:
    make_customer(make_shop(), email="hanako@example.jp")
    with session_scope([shop_id]) as session:
        assert search_customers(session, shop_id, "hanako@example.jp").rows == []
