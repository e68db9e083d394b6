"""What kinds of lists, the states of their rows, doubts and stages of parcels are called."""

from typing import Final

from warehouse_ui.i18n import mark
from warehouse_ui.word import Word

LIST_KIND: Final = {
    "advance": Word(mark("前売り"), "info", "ticket"),
    "day_of": Word(mark("当日"), "info", "clock"),
    "new": Word(mark("新規購入"), "info", "cart"),
}
ROW_STATE: Final = {
    "matched": Word(mark("会員と一致"), "good", "check"),
    "new": Word(mark("新しい人"), "info", "plus"),
    "duplicate": Word(mark("重複"), "calm", "repeat"),
    "waiting": Word(mark("確認待ち"), "warn", "hand"),
    "rejected": Word(mark("却下"), "bad", "cross"),
}
DOUBT: Final = {
    "several_members": Word(mark("会員番号・メール・電話が、別々の会員のものです。どの会員ですか？"), "warn", "people"),
    "other_name": Word(
        mark("会員は見つかりましたが、名前が違います。同じ人（改姓など）ですか、家族などの別の人ですか？"),
        "warn",
        "person",
    ),
    "looks_like_member": Word(
        mark("会員番号・メール・電話では見つかりませんが、名前と郵便番号が会員と同じです。同じ人ですか？"),
        "warn",
        "search",
    ),
    "ticket_taken": Word(
        mark("このチケット番号は、すでに下の人のものです。同じ人ですか、別の人ですか？"), "warn", "ticket"
    ),
}
STAGE: Final = {
    "entitled": Word(mark("開始前"), "calm", "person"),
    "ordered": Word(mark("準備中"), "info", "clock"),
    "held": Word(mark("保留"), "warn", "pause"),
    "planned": Word(mark("用意済み"), "info", "box"),
    "waved": Word(mark("バッチ済み"), "info", "stack"),
    "printed": Word(mark("印刷済み"), "info", "print"),
    "verified": Word(mark("検品済み"), "good", "scan"),
    "handed_over": Word(mark("引き渡し済み"), "good", "truck"),
    "cancelled": Word(mark("荷物が取消"), "bad", "cross-circle"),
    "withdrawn": Word(mark("取りやめ"), "calm", "cross-circle"),
}
GROUPS: Final = {"list_kind": LIST_KIND, "row_state": ROW_STATE, "doubt": DOUBT, "stage": STAGE}
