"""The columns of lists of attendees and of sessions, with the headers that mean them."""

from typing import Final

from core.tabular.cells import limit_text, parse_date
from core.tabular.importer import Field
from crm_link.imports.fields import EMAIL, PHONE
from crm_link.imports.parsing import parse_postal_code, parse_region

_short, _long = limit_text(200), limit_text(2000)

SESSION: Final = Field(
    "session",
    "公演回",
    "Session",
    _short,
    aliases=("公演コード", "公演番号", "回コード", "セッション", "session code", "session id"),
)
HELD_ON: Final = Field("held_on", "公演日", "Date", parse_date, aliases=("開催日", "来場日", "日付", "event date"))
VENUE: Final = Field("venue", "会場", "Venue", _short, aliases=("会場名", "ホール", "hall", "公演名"))

ATTENDEE_FIELDS: Final = (
    SESSION,
    HELD_ON,
    VENUE,
    Field(
        "ticket",
        "チケット番号",
        "Ticket",
        _short,
        aliases=("整理番号", "申込番号", "予約番号", "受付番号", "座席番号", "ticket number", "booking"),
    ),
    Field(
        "member_id", "会員番号", "Member number", _short, aliases=("会員ID", "ファンクラブ番号", "FC番号", "顧客番号")
    ),
    Field("name", "氏名", "Name", _short, required=True, aliases=("お名前", "名前", "購入者名", "full name")),
    Field("kana", "フリガナ", "Reading", _short, aliases=("カナ", "ふりがな", "氏名カナ", "お名前カナ")),
    Field("company", "会社名", "Company", _short, aliases=("法人名",)),
    EMAIL,
    PHONE,
    Field("postal_code", "郵便番号", "Postal code", parse_postal_code, aliases=("〒", "zip", "zip code", "postcode")),
    Field("region", "都道府県", "Prefecture", parse_region, aliases=("prefecture", "state")),
    Field("address1", "住所1", "Address 1", _long, aliases=("住所", "address", "市区町村番地")),
    Field("address2", "住所2", "Address 2", _long, aliases=("建物名", "マンション名")),
)

SESSION_FIELDS: Final = (
    Field(
        "key", "公演コード", "Session code", limit_text(40), required=True, aliases=("公演回", "公演番号", "session")
    ),
    Field("venue", "会場", "Venue", _short, required=True, aliases=("会場名", "ホール", "hall")),
    Field("venue_en", "会場(英語)", "Venue (English)", _short, aliases=("hall_en",)),
    Field("held_on", "公演日", "Date", parse_date, required=True, aliases=("開催日", "日付", "date")),
    Field(
        "sku", "商品コード", "SKU", limit_text(100), required=True, aliases=("品番", "録音の商品コード", "recording")
    ),
)
