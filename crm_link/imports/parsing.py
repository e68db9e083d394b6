"""What cells about people hold: addresses, numbers, prefectures, countries, consents."""

import re
from typing import Final

from core.tabular.cells import fold
from core.tabular.errors import CellError
from core.tabular.importer import ImportContext
from crm_link.kinds import TouchpointKind
from crm_link.normalisation import PREFECTURES, normalise_email, normalise_phone, normalise_postal_code

# ISO 3166-2:JP numbers the prefectures as JIS X 0401 does.
_PREFECTURE_CODE: Final = re.compile(r"(?:JP-?)?(0?[1-9]|[1-3][0-9]|4[0-7])")
_COUNTRY_NAMES: Final = {"日本": "JP", "日本国": "JP", "JAPAN": "JP", "JPN": "JP"}
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PLACEHOLDER: Final = re.compile(r"[0\-() ]+|なし|無し|無|不明|-+")

KIND_WORDS: Final = {
    "購入": TouchpointKind.PURCHASE,
    "購買": TouchpointKind.PURCHASE,
    "キャンペーン": TouchpointKind.CAMPAIGN,
    "キャンペーン反応": TouchpointKind.CAMPAIGN_RESPONSE,
    "問い合わせ": TouchpointKind.SUPPORT_TICKET,
    "お問い合わせ": TouchpointKind.SUPPORT_TICKET,
    "アンケート": TouchpointKind.SURVEY,
    "営業活動": TouchpointKind.SALES_ACTIVITY,
    "Web": TouchpointKind.WEB,
    "来場": TouchpointKind.ATTENDANCE,
    "参加": TouchpointKind.ATTENDANCE,
    "荷物": TouchpointKind.PARCEL,
    "QR": TouchpointKind.QR_VISIT,
    **{kind.value: kind for kind in TouchpointKind},
}


def parse_email(text: str, _context: ImportContext) -> str:
    if normalise_email(text) is None:
        raise CellError("not_an_email", "メールアドレスの形ではありません。", "Not an e-mail address.")
    return text


def parse_phone(text: str, context: ImportContext) -> str | None:
    """Keep the number as written; zeros and 「なし」 stand for none."""
    if _PLACEHOLDER.fullmatch(fold(text)):
        return None
    if normalise_phone(text, context.country) is None:
        raise CellError(
            "not_a_phone",
            f"電話番号として読めません(国: {context.country})。",
            f"Not a telephone number (country: {context.country}).",
        )
    return text


def parse_postal_code(text: str, context: ImportContext) -> str:
    """Keep the code as written. Japanese codes have seven digits; which country it is, the row says elsewhere."""
    if context.country == "JP" and fold(text).isdigit() and normalise_postal_code(text, "JP") is None:
        raise CellError("not_a_postal_code", "郵便番号は7桁です。", "A Japanese postal code has seven digits.")
    return text


def parse_region(text: str, _context: ImportContext) -> str:
    """Turn JP-13, 13 and 東京 into 東京都; anything else stays."""
    folded = fold(text)
    if code := _PREFECTURE_CODE.fullmatch(folded):
        return PREFECTURES[int(code.group(1)) - 1]
    return next((name for name in PREFECTURES if name[:-1] == folded), folded)


def parse_country(text: str, _context: ImportContext) -> str:
    folded = fold(text).upper()
    code = _COUNTRY_NAMES.get(folded, folded)
    if not _COUNTRY.fullmatch(code):
        raise CellError(
            "not_a_country", "国は2文字のコードで入力してください(例: JP)。", "Write the country as two letters (JP)."
        )
    return code
