"""The fields of the customer and the touchpoint file, with the headers that mean them."""

from typing import Final

from core.tabular.cells import (
    choose,
    limit_text,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_list,
    parse_moment,
    parse_money,
    parse_quantity,
)
from core.tabular.importer import Field
from crm_link.imports.parsing import (
    KIND_WORDS,
    parse_country,
    parse_email,
    parse_phone,
    parse_postal_code,
    parse_region,
)
from crm_link.kinds import Purpose

short, long = limit_text(200), limit_text(2000)

# How a person is found; both files have these.
EXTERNAL_ID: Final = Field(
    "external_id",
    "顧客番号",
    "Customer ID",
    short,
    aliases=(
        "会員ID",
        "会員番号",
        "顧客ID",
        "顧客コード",
        "id",
        "customer_no",
    ),
)
EMAIL: Final = Field(
    "email",
    "メールアドレス",
    "E-mail",
    parse_email,
    aliases=(
        "Eメール",
        "mail",
        "メール",
        "email address",
        "mailaddress",
    ),
)
PHONE: Final = Field(
    "phone",
    "電話番号",
    "Telephone",
    parse_phone,
    aliases=(
        "TEL",
        "tel",
        "電話",
        "携帯電話",
        "phone number",
    ),
)
NAME: Final = Field("name", "氏名", "Name", short, aliases=("お名前", "名前", "顧客名", "会員名", "full name"))

CUSTOMER_FIELDS: Final = (
    EXTERNAL_ID,
    NAME,
    Field("kana", "フリガナ", "Reading", short, aliases=("カナ", "ふりがな", "氏名カナ", "お名前カナ", "kana")),
    Field("company", "会社名", "Company", short, aliases=("法人名", "会社")),
    EMAIL,
    PHONE,
    Field("country", "国", "Country", parse_country, aliases=("国コード", "country code")),
    Field(
        "postal_code",
        "郵便番号",
        "Postal code",
        parse_postal_code,
        aliases=(
            "〒",
            "zip",
            "zipcode",
            "zip code",
            "postcode",
        ),
    ),
    Field(
        "region",
        "都道府県",
        "Prefecture",
        parse_region,
        aliases=(
            "都道府県名",
            "state",
            "province",
            "prefecture",
        ),
    ),
    Field("address1", "住所1", "Address 1", long, aliases=("住所", "address", "address1", "市区町村番地")),
    Field("address2", "住所2", "Address 2", long, aliases=("建物名", "address2", "マンション名")),
    Field("birthday", "生年月日", "Birthday", parse_date, aliases=("誕生日", "birth", "birthdate", "date of birth")),
    Field("gender", "性別", "Gender", short, aliases=("sex",)),
    Field("points", "ポイント", "Points", parse_decimal, aliases=("保有ポイント", "point")),
    Field("member_status", "会員ステータス", "Member status", short, aliases=("会員状態",)),
    Field("rank", "会員ランク", "Rank", short, aliases=("ランク", "membership rank", "tier")),
    Field("tags", "タグ", "Tags", parse_list, aliases=("tag", "顧客タグ")),
    Field(
        "consent_marketing",
        "販促同意",
        "Marketing consent",
        parse_boolean,
        aliases=(
            "メルマガ",
            "DM希望",
            "DM可否",
            "広告同意",
        ),
    ),
    Field("consent_personalisation", "履歴利用同意", "Personalisation consent", parse_boolean),
    Field("consent_letter", "手紙同意", "Letter consent", parse_boolean),
    Field("consent_measurement", "計測同意", "Measurement consent", parse_boolean),
    Field("consent_crm_feedback", "CRM連携同意", "CRM feedback consent", parse_boolean),
    Field("updated_at", "更新日時", "Updated at", parse_moment, aliases=("更新日", "updated", "last modified")),
)
PURPOSE_FIELDS: Final = {f"consent_{purpose.value}": purpose for purpose in Purpose}
# Fields that become typed attributes of the customer, by the same name.
ATTRIBUTE_FIELDS: Final = ("birthday", "gender", "points", "member_status")

TOUCHPOINT_FIELDS: Final = (
    Field(
        "external_id",
        "接点番号",
        "Touchpoint ID",
        short,
        aliases=(
            "受注番号",
            "注文番号",
            "order number",
            "order id",
            "伝票番号",
            "問い合わせ番号",
            "ticket id",
            "回答ID",
        ),
    ),
    Field("kind", "種別", "Kind", choose(KIND_WORDS), required=True, aliases=("接点種別", "type", "区分")),
    Field(
        "occurred_at",
        "発生日時",
        "Occurred at",
        parse_moment,
        required=True,
        aliases=(
            "日時",
            "日付",
            "受注日",
            "注文日",
            "注文日時",
            "購入日",
            "date",
            "created at",
            "回答日時",
            "来場日",
        ),
    ),
    Field("known_at", "把握日時", "Known at", parse_moment, aliases=("知得日時",)),
    Field("customer_id", "顧客番号", "Customer ID", short, aliases=("会員ID", "会員番号", "顧客ID", "顧客コード")),
    EMAIL,
    PHONE,
    NAME,
    Field("amount", "金額", "Amount", parse_money, aliases=("合計", "合計金額", "支払合計", "total", "注文金額")),
    Field("cancelled", "取消", "Cancelled", parse_boolean, aliases=("キャンセル", "canceled", "取消済み")),
    Field("channel", "経路", "Channel", short, aliases=("チャネル", "流入元")),
    Field(
        "campaign",
        "キャンペーン",
        "Campaign",
        short,
        aliases=(
            "キャンペーン名",
            "施策",
            "アンケート名",
            "公演名",
        ),
    ),
    Field("status", "状態", "Status", short, aliases=("ステータス", "対応状況")),
    Field("score", "評価", "Score", parse_decimal, aliases=("スコア", "点数", "満足度", "rating")),
    Field("title", "件名", "Title", long, aliases=("タイトル", "内容", "subject", "概要")),
    Field("sku", "商品コード", "SKU", short, aliases=("品番", "sku", "商品番号", "product code")),
    Field("category", "商品カテゴリ", "Category", short, aliases=("カテゴリ", "カテゴリー", "分類")),
    Field("quantity", "数量", "Quantity", parse_quantity, aliases=("個数", "点", "枚数", "qty")),
    Field("line_amount", "明細金額", "Line amount", parse_money, aliases=("小計", "商品金額")),
)
