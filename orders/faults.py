"""What is wrong with an input: field, code, detail. Codes are for machines;
`describe_fault` gives the sentence for a person.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "missing": ("必須ですが、値がありません", "is required but missing"),
    "not_text": ("文字列ではありません", "is not text"),
    "not_a_number": ("数として読めません", "cannot be read as a number"),
    "not_an_amount": ("金額として読めません", "cannot be read as an amount of money"),
    "too_precise": ("この通貨にない端数があります", "has more decimals than its currency"),
    "not_a_moment": ("日時として読めません", "cannot be read as a date and time"),
    "no_offset": ("日時にタイムゾーンがありません", "is a time without an offset from UTC"),
    "not_a_date": ("日付として読めません", "cannot be read as a date"),
    "not_a_flag": ("はい・いいえとして読めません", "cannot be read as yes or no"),
    "out_of_range": ("範囲外の値です", "is out of range"),
    "unknown_value": ("使えない値です", "is not one of the known values"),
    "too_long": ("長すぎます", "is too long"),
    "too_deep": ("入れ子が深すぎます", "is nested too deeply"),
    "not_a_list": ("配列ではありません", "is not a list"),
    "not_an_object": ("オブジェクトではありません", "is not an object"),
    "empty": ("1件もありません", "has no entry"),
    "repeated": ("重複しています", "is repeated"),
    "conflicting": ("同じ注文の他の行と値が違います", "differs from another row of the same order"),
    "privacy_request": (
        "個人情報に関する請求です。人が対応してください",
        "is a privacy request that a person must answer",
    ),
    "malformed_json": ("JSONとして読めません", "is not valid JSON"),
    "erased": ("消去済みのため読めません", "was erased"),
    "unknown_topic": ("この窓口では扱わない通知です", "is a kind of notice this channel does not handle"),
    "several_destinations": (
        "お届け先が複数ある注文は取り込めません。お届け先ごとに分けてください",
        "has several destinations; split the order by destination",
    ),
    "incomplete_cart": ("購入手続きが完了していません", "was never completed by the customer"),
    "code_taken": ("他の商品で使われているコードです", "is another product's code already"),
    "other_order_refused": ("同じ注文の別の行が取り込めません", "another row of the same order was refused"),
    "bad_check_digit": ("チェックデジットが合いません", "has a wrong check digit"),
    "unknown_sku": ("登録のない商品コードです", "is not the code of a known product"),
    "circular": ("セットが自分自身を含んでいます", "makes a set contain itself"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is a path such as `lines[2].quantity`, or a column header; `detail` quotes no personal data."""

    field: str
    code: str
    detail: str = ""


def describe_reason(fault: Fault, language: str = "ja") -> str:
    """Return what is wrong, without the field; an unknown code is shown as it is."""
    japanese, english = _SENTENCES.get(fault.code, (fault.code, fault.code))
    detail = f" ({fault.detail})" if fault.detail else ""
    return f"{japanese if language == 'ja' else english}{detail}"


def describe_fault(fault: Fault, language: str = "ja") -> str:
    """Return one sentence in Japanese or English."""
    separator = ": " if language == "ja" else " "
    return f"{fault.field}{separator}{describe_reason(fault, language)}"


def pack_faults(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [asdict(fault) for fault in faults]


def unpack_faults(stored: Iterable[dict[str, Any]] | None) -> list[Fault]:
    return [Fault(**item) for item in stored or ()]


class FaultyInputError(ValueError):
    """Raised by mappings; holds every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.field}: {fault.code}" for fault in self.faults))
