"""Known layouts of customer files. Field names and options: docs/imports.md."""

from typing import Final

from core.tabular.importer import Column, Preset, Source


def _one(header: str, occurrence: int = 1) -> Source:
    return Source((Column(header, occurrence),))


def _join(joiner: str, *headers: str) -> Source:
    return Source(tuple(Column(header) for header in headers), joiner)


# EC-CUBE 4, 会員CSV: dtb_csv rows of csv_type 2. Shops may switch columns off, so few are needed to recognise it.
ECCUBE: Final = Preset(
    "eccube",
    "EC-CUBE 会員CSV",
    "EC-CUBE members",
    {
        "external_id": _one("会員ID"),
        "name": _join(" ", "お名前(姓)", "お名前(名)"),
        "kana": _join(" ", "お名前(セイ)", "お名前(メイ)"),
        "company": _one("会社名"),
        "postal_code": _one("郵便番号"),
        "region": _one("都道府県(名称)"),
        "address1": _one("住所1"),
        "address2": _one("住所2"),
        "email": _one("メールアドレス"),
        "phone": _one("TEL"),
        "gender": _one("性別(名称)"),
        "birthday": _one("誕生日"),
        "member_status": _one("会員ステータス(名称)"),
        "points": _one("ポイント"),
        "updated_at": _one("更新日"),
    },
    signature=("会員ID", "お名前(姓)", "お名前(名)", "メールアドレス"),
    options={"source": "eccube"},
)
# Shopify admin, Customers → Export. Family name first, as letters and labels in Japan have it.
SHOPIFY: Final = Preset(
    "shopify",
    "Shopify 顧客エクスポート",
    "Shopify customers",
    {
        "external_id": _one("Customer ID"),
        "name": _join(" ", "Last Name", "First Name"),
        "email": _one("Email"),
        "phone": _one("Phone"),
        "company": _one("Default Address Company"),
        "country": _one("Default Address Country Code"),
        "postal_code": _one("Default Address Zip"),
        "region": _one("Default Address Province Code"),
        "address1": _join("", "Default Address City", "Default Address Address1"),
        "address2": _one("Default Address Address2"),
        "tags": _one("Tags"),
        "consent_marketing": _one("Accepts Email Marketing"),
    },
    signature=("Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing"),
    options={"source": "shopify"},
)
# Next to these, files whose headers are the labels of the fields, in Japanese or English, need no preset.
CUSTOMER_PRESETS: Final = (ECCUBE, SHOPIFY)
