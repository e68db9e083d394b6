"""Normal forms of names, e-mail addresses, telephone numbers and Japanese addresses, for finding and comparing. Pure.

They serve search and identity only; what was received is kept beside them and is what gets printed.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers

# Every character that people type for a hyphen, besides the real one. The long vowel mark ー is one only beside a
# digit.
_DASHES: Final = "‐‑‒–—―−－⁃﹣˗"
_TO_HYPHEN: Final = str.maketrans(dict.fromkeys(_DASHES, "-"))
_DIGIT_DASH: Final = re.compile(r"(?<=\d)[ー─━ｰ](?=\d)")
_SPACE: Final = re.compile(r"\s+")
_VARIATION_SELECTOR: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HONORIFIC: Final = re.compile(r"(様|さま|御中|殿|先生)$")
_EXTENSION: Final = re.compile(r"(内線|ext\.?|x)\s*\d+$", re.IGNORECASE)
_PHONE_SIGNS: Final = re.compile(r"[-() ]")
# 010 leaves the country.
_JAPANESE_PHONE: Final = re.compile(r"0(?!10)([1-9][0-9]{8,9})")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]+")
_EMAIL_LENGTH: Final = 254

# Forms of one character in family names (髙橋, 山﨑, 渡邊 …): the key uses the common one.
_VARIANTS: Final = {
    "髙": "高", "﨑": "崎", "嵜": "崎", "濵": "浜", "濱": "浜", "邊": "辺", "邉": "辺", "齋": "斎", "齊": "斉",
    "澤": "沢", "德": "徳", "眞": "真", "嶋": "島", "嶌": "島", "廣": "広", "國": "国", "惠": "恵", "櫻": "桜",
    "藏": "蔵", "瀨": "瀬", "黑": "黒", "靑": "青", "曾": "曽", "𠮷": "吉", "桒": "桑", "冨": "富", "槇": "槙",
    "條": "条", "壽": "寿", "榮": "栄", "圓": "円", "與": "与", "關": "関", "劍": "剣", "彌": "弥", "檜": "桧",
    "龍": "竜", "鐵": "鉄", "淵": "渕", "藪": "薮", "穗": "穂", "禮": "礼", "萬": "万", "淸": "清",
}  # fmt: skip
_TO_COMMON: Final = str.maketrans(_VARIANTS)
_HIRAGANA_TO_KATAKANA: Final = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}

PREFECTURES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県",
    "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip
_PREFECTURE: Final = re.compile("|".join(PREFECTURES))
_KANJI_DIGITS: Final = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_KANJI_NUMBER: Final = re.compile(r"([〇一二三四五六七八九十]+)(?=丁目|番|号)")
_BLOCK_WORD: Final = re.compile(r"(?<=\d)(丁目|番地の|番地|番|号室|号)")


def fold_text(text: str) -> str:
    """Return NFKC text with one kind of hyphen and single spaces, trimmed."""
    folded = unicodedata.normalize("NFKC", text).translate(_TO_HYPHEN)
    return _SPACE.sub(" ", _DIGIT_DASH.sub("-", folded)).strip()


def normalise_email(text: str | None) -> str | None:
    """Return the address in lower case, or None when it is not one.

    Old mobile addresses with two dots, or a dot before the @, break RFC 5321 and are real: they stay.
    """
    if not text:
        return None
    folded = unicodedata.normalize("NFKC", text).strip().lower().removeprefix("mailto:")
    return folded if len(folded) <= _EMAIL_LENGTH and _EMAIL.fullmatch(folded) else None


def normalise_phone(text: str | None, country: str = "JP") -> str | None:
    """Return the number in E.164, or None when it cannot be one. A number without + is read as the country's own."""
    if not text:
        return None
    if country == "JP" and (plain := _JAPANESE_PHONE.fullmatch(_PHONE_SIGNS.sub("", fold_text(text)))):
        # Nearly every number; the library takes 40 times as long to say the same.
        return f"+81{plain[1]}" if len(set(plain[1])) > 1 else None
    try:
        number = phonenumbers.parse(_EXTENSION.sub("", fold_text(text)), country)
    except phonenumbers.NumberParseException:
        return None
    if len(set(str(number.national_number))) == 1 or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_name(text: str | None) -> str | None:
    """Return the search key of a name: no spaces, no honorific, common forms of characters, lower case."""
    if not text:
        return None
    bare = _VARIATION_SELECTOR.sub("", text).translate(_TO_COMMON)
    key = _HONORIFIC.sub("", _squeeze(bare)).translate(_TO_COMMON).casefold()
    return _squeeze(key) or None


def _squeeze(text: str) -> str:
    """Return NFKC text without spaces; taking a space out may let two characters combine, hence twice."""
    return unicodedata.normalize("NFKC", _SPACE.sub("", unicodedata.normalize("NFKC", text)))


def normalise_kana(text: str | None) -> str | None:
    """Return the search key of a reading: full-width katakana without spaces."""
    key = normalise_name(text)
    return key.translate(_HIRAGANA_TO_KATAKANA) if key else None


def normalise_postal_code(text: str | None, country: str = "JP") -> str | None:
    """Return 7 digits for Japan (6 digits: a spreadsheet ate the leading zero); elsewhere the code without spaces."""
    if not text:
        return None
    folded = fold_text(text).upper()
    if country != "JP":
        return folded.replace(" ", "") or None
    digits = re.sub(r"[〒\s-]", "", folded)
    if not re.fullmatch(r"[0-9]{6,7}", digits):
        return None
    return digits.zfill(7)


@dataclass(frozen=True)
class AddressParts:
    """`region` is the prefecture; `rest` everything after it."""

    region: str | None
    rest: str


def split_prefecture(address: str) -> AddressParts:
    """Cut the prefecture off the front of a Japanese address."""
    folded = fold_text(address)
    found = _PREFECTURE.match(folded)
    return AddressParts(found.group(), folded[found.end() :].strip()) if found else AddressParts(None, folded)


def normalise_address(*parts: str | None) -> str | None:
    """Return a key that is equal for 「三丁目４番５号」 and 「3-4-5」: NFKC, hyphens, Arabic block numbers, no
    spaces."""
    folded = fold_text(" ".join(part for part in parts if part))
    numbered = _KANJI_NUMBER.sub(lambda found: str(_read_kanji_number(found.group())), folded)
    hyphened = _BLOCK_WORD.sub("-", numbered)
    key = re.sub(r"-+", "-", _SPACE.sub("", hyphened)).rstrip("-").translate(_TO_COMMON).casefold()
    return re.sub(r"-(?=\D)", "", key) or None


def _read_kanji_number(text: str) -> int:
    """Read 〇 to 九十九, and digits in a row (一二 is 12)."""
    if "十" not in text:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text))
    tens, _, ones = text.partition("十")
    return (_KANJI_DIGITS[tens] if tens else 1) * 10 + (_KANJI_DIGITS[ones] if ones else 0)
