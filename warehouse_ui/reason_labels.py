"""Why rules lose, in a few words for tables: the sentences of a single loss are in `personalization.reason_words`."""

from collections.abc import Mapping
from typing import Final

from personalization.plan import Reason
from warehouse_ui.i18n import gettext, mark

LABELS: Final[Mapping[Reason, str]] = {
    Reason.PURPOSE_MISSING: mark("必要な同意がない"),
    Reason.PURPOSE_DENIED: mark("同意しないと言われている"),
    Reason.CARE_FLAG: mark("顧客の注意事項"),
    Reason.NO_CUSTOMER: mark("顧客が分からない"),
    Reason.GIFT_TO_OTHER: mark("ほかの方へのギフト"),
    Reason.NO_ARM: mark("実験に割り当てられない"),
    Reason.EXPERIMENT_NOT_RUNNING: mark("実験が行われていない"),
    Reason.HELD_OUT: mark("実験の対照群"),
    Reason.OTHER_ARM: mark("実験の別の案"),
    Reason.NOT_VALID_NOW: mark("有効期間外"),
    Reason.LETTER_NOT_CARRIED: mark("信書を送れない配送方法"),
    Reason.LIMIT_PER_CUSTOMER: mark("お一人の回数の上限"),
    Reason.LIMIT_WITHIN_DAYS: mark("期間内の回数の上限"),
    Reason.LIMIT_OVERALL: mark("先着の上限"),
    Reason.GROUP_TAKEN: mark("排他グループで上のルールが優先"),
    Reason.ALREADY_ENCLOSED: mark("すでに入っている"),
    Reason.LETTER_TAKEN: mark("お手紙は上のルールが優先"),
    Reason.SLIP_TAKEN: mark("納品書は上のルールが優先"),
    Reason.SLOT_TAKEN: mark("文面は上のルールが優先"),
    Reason.PRIORITY_TAKEN: mark("優先度は上のルールが優先"),
    Reason.FACT_UNKNOWN: mark("文中の値が分からない"),
    Reason.GIFT_VALUE: mark("景品表示法の上限"),
    Reason.BOX_PIECES: mark("箱の点数の上限"),
    Reason.BOX_GRAMS: mark("箱の重さの上限"),
    Reason.BOX_MILLIMETRES: mark("箱の厚さの上限"),
    Reason.BOX_COST: mark("同梱物の費用の上限"),
    Reason.OUT_OF_STOCK: mark("在庫切れ"),
    Reason.BACK_ORDERED: mark("在庫切れで次の荷物へ"),
    Reason.INSERT_INACTIVE: mark("使っていない同梱物"),
    Reason.IN_FIRST_BOX: mark("最初の箱に入れた"),
    Reason.CHOSEN_BY_PERSON: mark("再送は担当者が選んだものだけ"),
    Reason.COMPLAINT_OPEN: mark("未解決のお申し出"),
    Reason.COUPON_TAKEN: mark("クーポンは上のルールが優先"),
    Reason.COUPON_EXHAUSTED: mark("クーポンのコードが残っていない"),
    Reason.COUPON_INACTIVE: mark("使っていないクーポン"),
    Reason.NOTHING_TO_RECOMMEND: mark("おすすめできる商品がない"),
    Reason.NO_PLACE: mark("帳票に載せる場所がない"),
}


def label_reason(code: str) -> str:
    """Return the label of a reason; one that was given up since is shown by its code."""
    return gettext(LABELS[Reason(code)]) if code in set(Reason) else code
