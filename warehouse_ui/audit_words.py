"""What audit tags are called in a history. A tag without words is shown as it is."""

from typing import Final

from warehouse_ui.i18n import mark
from warehouse_ui.words import Word

TAGS: Final = {
    "fulfillment:shipment:plan": Word(mark("出荷を計画"), "calm", "box"),
    "fulfillment:shipment:resend": Word(mark("再送を作成"), "warn", "repeat"),
    "fulfillment:shipment:cancel": Word(mark("取消"), "calm", "cross-circle"),
    "fulfillment:shipment:join_wave": Word(mark("バッチに入れた"), "calm", "stack"),
    "fulfillment:shipment:leave_wave": Word(mark("バッチから外した"), "calm", "stack"),
    "fulfillment:shipment:print": Word(mark("確定・印刷"), "info", "print"),
    "fulfillment:shipment:change": Word(mark("内容が変わった"), "warn", "pencil"),
    "fulfillment:shipment:verify": Word(mark("検品完了"), "good", "check-circle"),
    "fulfillment:shipment:reopen": Word(mark("検品のやり直し"), "warn", "repeat"),
    "fulfillment:shipment:hand_over": Word(mark("引き渡し"), "good", "truck"),
    "fulfillment:shipment:deliver": Word(mark("配達完了"), "good", "check-circle"),
    "fulfillment:shipment:return": Word(mark("返品"), "warn", "repeat"),
    "fulfillment:shipment:hold": Word(mark("保留"), "warn", "pause"),
    "fulfillment:shipment:release": Word(mark("保留解除"), "good", "play"),
    "fulfillment:shipment:read": Word(mark("閲覧"), "calm", "person"),
    "fulfillment:hold:place": Word(mark("保留"), "warn", "pause"),
    "fulfillment:hold:lift": Word(mark("保留解除"), "good", "play"),
    "fulfillment:copy:reprint": Word(mark("再印刷"), "warn", "print"),
    "fulfillment:parcel:hand_over": Word(mark("引き渡し"), "good", "truck"),
    "fulfillment:wave:create": Word(mark("バッチを作成"), "calm", "stack"),
    "fulfillment:wave:print": Word(mark("印刷を開始"), "info", "print"),
    "fulfillment:hand_over:make": Word(mark("引き渡しを記録"), "good", "truck"),
    "fulfillment:exception:solve": Word(mark("別置きを解決"), "good", "check"),
    "bench:parcel:set_aside": Word(mark("別置き"), "warn", "aside"),
    "crm_link:customer:read": Word(mark("顧客の閲覧"), "calm", "person"),
    "crm_link:customers:search": Word(mark("顧客の検索"), "calm", "search"),
    "crm_link:customer:erase": Word(mark("個人データの消去"), "bad", "eraser"),
    "crm_link:care_flag:set": Word(mark("注意事項を設定"), "warn", "flag"),
    "crm_link:care_flag:end": Word(mark("注意事項を解除"), "calm", "flag"),
    "auth:sign_in:opened": Word(mark("サインイン"), "calm", "key"),
    "auth:sign_in:closed": Word(mark("サインアウト"), "calm", "leave"),
    "auth:sign_in:refused": Word(mark("サインイン失敗"), "warn", "key"),
    "auth:sign_in:throttled": Word(mark("サインイン制限"), "bad", "key"),
    "auth:password:changed": Word(mark("パスワード変更"), "calm", "key"),
    "auth:password:reset": Word(mark("パスワード再発行"), "warn", "key"),
    "auth:user:added": Word(mark("利用者を追加"), "calm", "people"),
    "auth:user:disabled": Word(mark("利用者を停止"), "warn", "stop"),
    "auth:user:enabled": Word(mark("利用者を再開"), "calm", "play"),
    "core:upload:receive": Word(mark("ファイルを受け取り"), "calm", "upload"),
    "core:upload:start": Word(mark("取り込みを開始"), "calm", "upload"),
    "core:upload:read_errors": Word(mark("エラーの行を取得"), "calm", "download"),
    "fulfillment:print_file:read": Word(mark("印刷データの閲覧"), "calm", "print"),
    "fulfillment:shipments:read": Word(mark("出荷一覧の閲覧"), "calm", "list"),
    "auth:grant:added": Word(mark("権限を付与"), "warn", "shield"),
    "auth:grant:revoked": Word(mark("権限を取消"), "warn", "shield"),
}


def find_tag(tag: str) -> Word:
    return TAGS.get(tag, Word(tag, "calm", "history"))
