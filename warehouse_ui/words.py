"""What states, kinds and reasons are called: a word, a tone and an icon, so that colour never stands alone."""

from dataclasses import replace
from typing import Final

from crm_link.topics import TOPICS, name_topic
from warehouse_ui.events.words import GROUPS as EVENTS
from warehouse_ui.i18n import get_language, mark
from warehouse_ui.paper_words import COPY_KIND, INVOICE_OBSTACLE, PRINT_FILE, TEMPLATE_CHANGE, TEMPLATE_KIND
from warehouse_ui.print_words import GROUPS as PRINTING
from warehouse_ui.word import Word

SHIPMENT_STATE: Final = {
    "planned": Word(mark("出荷待ち"), "calm", "clock"),
    "held": Word(mark("保留"), "warn", "pause"),
    "waved": Word(mark("バッチ済み"), "info", "stack"),
    "printed": Word(mark("印刷済み"), "info", "print"),
    "verified": Word(mark("検品済み"), "good", "check-circle"),
    "handed_over": Word(mark("引き渡し済み"), "good", "truck"),
    "delivered": Word(mark("配達完了"), "good", "check-circle"),
    "undelivered": Word(mark("不達"), "bad", "warning"),
    "returned": Word(mark("返品"), "warn", "repeat"),
    "cancelled": Word(mark("取消"), "calm", "cross-circle"),
    "merged": Word(mark("ほかの出荷にまとめた"), "calm", "stack"),
}
# Why two shipments cannot share a box.
MERGE_OBSTACLE: Final = {
    "printed": Word(mark("印刷済み"), "warn", "print"),
    "held": Word(mark("保留中"), "warn", "pause"),
    "gone": Word(mark("すでに出ている・取り消された"), "calm", "truck"),
    "sent_again": Word(mark("再送の出荷"), "calm", "repeat"),
    "no_customer": Word(mark("顧客が分からない"), "warn", "warning"),
    "customer": Word(mark("注文者が違う"), "warn", "person"),
    "recipient": Word(mark("お届け先の人が違う"), "warn", "person"),
    "address": Word(mark("お届け先の住所が違う"), "warn", "label"),
    "sender": Word(mark("ご依頼主が違う"), "warn", "person"),
    "gift": Word(mark("ギフトの指定が違う"), "warn", "gift"),
    "desired": Word(mark("希望日時が違う"), "warn", "clock"),
    "zone": Word(mark("温度帯が違う"), "warn", "snow"),
    "warehouse": Word(mark("倉庫が違う"), "warn", "box"),
    "service": Word(mark("配送サービスが違う"), "warn", "truck"),
    "same": Word(mark("2つ以上の違う出荷を選ぶ必要がある"), "calm", "info"),
}
SPLIT_REFUSAL: Final = {
    "not_that_many": Word(mark("入っている数より多い"), "warn", "warning"),
    "nothing_moves": Word(mark("分ける品の数がない"), "warn", "warning"),
    "nothing_stays": Word(mark("元の出荷に品が残らない"), "warn", "warning"),
    "printed_or_gone": Word(mark("印刷済みか、すでに出ている"), "warn", "print"),
    "sent_again": Word(mark("再送の出荷"), "calm", "repeat"),
    "undone_already": Word(mark("すでに元に戻っている"), "calm", "check"),
    "nothing_left": Word(mark("元に戻す品が残っていない"), "warn", "box"),
}
PARCEL_STATE: Final = {
    "open": Word(mark("未完了"), "calm", "box"),
    "verified": Word(mark("検品済み"), "good", "check-circle"),
    "handed_over": Word(mark("引き渡し済み"), "good", "truck"),
    "returned": Word(mark("返品"), "warn", "repeat"),
    "void": Word(mark("無効"), "calm", "cross-circle"),
}
HOLD_REASON: Final = {
    "unpaid": Word(mark("入金待ち"), "warn", "clock"),
    "unknown_sku": Word(mark("知らないSKU"), "warn", "warning"),
    "address_missing": Word(mark("住所がない"), "warn", "warning"),
    "address_incomplete": Word(mark("住所が足りない"), "warn", "warning"),
    "test_order": Word(mark("テスト注文"), "calm", "info"),
    "customer_missing": Word(mark("顧客が分からない"), "warn", "warning"),
    "care_flag": Word(mark("顧客の注意事項"), "bad", "flag"),
    "rule": Word(mark("ルールによる保留"), "warn", "rules"),
    "stock": Word(mark("同梱物の在庫不足"), "warn", "gift"),
    "cannot_draw": Word(mark("帳票を正しく印刷できない"), "bad", "print"),
    "changed_after_print": Word(mark("印刷後に内容が変わった"), "bad", "pencil"),
    "erased": Word(mark("個人データ消去済み"), "calm", "eraser"),
    "scan_conflict": Word(mark("検品の判定が食い違った"), "bad", "scan"),
    "person": Word(mark("担当者による保留"), "warn", "hand"),
}
WAVE_STATE: Final = {
    "open": Word(mark("印刷前"), "calm", "stack"),
    "printing": Word(mark("印刷データ作成中"), "info", "print"),
    "printed": Word(mark("印刷済み"), "info", "print"),
    # Stages of a printed wave, see WaveProgress.find_stage.
    "packed": Word(mark("検品済み"), "good", "check-circle"),
    "handed_over": Word(mark("引き渡し済み"), "good", "truck"),
    "closed": Word(mark("完了"), "good", "check-circle"),
}
UNIT_KIND: Final = {
    "goods": Word(mark("商品"), "calm", "box"),
    "insert": Word(mark("同梱品"), "calm", "gift"),
    "task": Word(mark("作業"), "calm", "hand"),
    "slip": Word(mark("納品書"), "calm", "slip"),
    "document": Word(mark("お手紙・書類"), "calm", "letter"),
    "label": Word(mark("送り状"), "calm", "label"),
}
COPY_STATE: Final = {
    "valid": Word(mark("有効"), "good", "check"),
    "void": Word(mark("無効"), "calm", "cross"),
}
# Why a parcel may not leave: what fulfillment's guard answers.
LEAVING: Final = {
    "not_verified": Word(mark("検品が終わっていません"), "bad", "scan"),
    "held": Word(mark("保留中です"), "bad", "pause"),
    "cancelled": Word(mark("取り消されています"), "bad", "cross-circle"),
    "changed_since_print": Word(mark("印刷後に内容が変わりました"), "bad", "pencil"),
    "already_shipped": Word(mark("すでに引き渡しています"), "calm", "truck"),
}
INSERT_KIND: Final = {
    "leaflet": Word(mark("リーフレット"), "calm", "slip"),
    "sample": Word(mark("試供品"), "calm", "leaf"),
    "gift": Word(mark("プレゼント"), "calm", "gift"),
    "letter": Word(mark("お手紙"), "calm", "letter"),
    "coupon": Word(mark("クーポン"), "calm", "ticket"),
    "task": Word(mark("作業（包装・のし）"), "calm", "hand"),
}
LETTER_CLASS: Final = {
    "none": Word(mark("信書ではない"), "calm", "check"),
    "cover_note": Word(mark("添え状・送り状"), "info", "letter"),
    "correspondence": Word(mark("信書"), "warn", "letter"),
}
WHEN_OUT: Final = {
    "skip": Word(mark("入れない"), "calm", "cross"),
    "substitute": Word(mark("代わりの品を入れる"), "calm", "repeat"),
    "hold": Word(mark("出荷を保留にする"), "warn", "pause"),
    "back_order": Word(mark("次の荷物に入れる"), "calm", "clock"),
}
UPLOAD_STATE: Final = {
    "received": Word(mark("列の確認待ち"), "warn", "pencil"),
    "running": Word(mark("取り込み中"), "info", "clock"),
    "done": Word(mark("完了"), "good", "check-circle"),
    "failed": Word(mark("失敗"), "bad", "cross-circle"),
}
ASIDE_REASON: Final = {
    "damaged": Word(mark("破損・汚れ"), "warn", "warning"),
    "missing": Word(mark("品物が足りない"), "warn", "box"),
    "wrong_contents": Word(mark("内容がおかしい"), "warn", "warning"),
    "print_bad": Word(mark("印刷がおかしい"), "warn", "print"),
    "other": Word(mark("その他"), "warn", "info"),
}
ZONE: Final = {
    "ambient": Word(mark("常温"), "calm", "box"),
    "chilled": Word(mark("冷蔵"), "info", "snow"),
    "frozen": Word(mark("冷凍"), "info", "snow"),
}
PURPOSE: Final = {
    "personalisation": Word(mark("履歴による同梱物の選択"), "calm", "rules"),
    "marketing": Word(mark("広告・試供品・クーポン"), "calm", "megaphone"),
    "letter": Word(mark("履歴にふれるお手紙"), "calm", "letter"),
    "measurement": Word(mark("QR訪問などの効果測定"), "calm", "link"),
    "crm_feedback": Word(mark("CRMへの同梱実績の連携"), "calm", "repeat"),
}
CARE: Final = {
    "allergy": Word(mark("アレルギー"), "bad", "warning"),
    "no_samples": Word(mark("試供品を入れない"), "warn", "gift"),
    "no_letters": Word(mark("お手紙を入れない"), "warn", "letter"),
    "no_inserts": Word(mark("同梱物を入れない"), "warn", "gift"),
    "do_not_send": Word(mark("発送しない"), "bad", "stop"),
    "check_by_hand": Word(mark("担当者が確認する"), "warn", "hand"),
}
OUTCOME: Final = {
    "parcel_opened": Word(mark("開始"), "info", "play"),
    "accepted": Word(mark("確認"), "good", "check"),
    "label_bound": Word(mark("完了"), "good", "check-circle"),
    "set_aside": Word(mark("別置き"), "warn", "aside"),
    "repeated": Word(mark("読み取り済み"), "calm", "repeat"),
    "unknown": Word(mark("登録のないコード"), "bad", "cross-circle"),
    "no_parcel": Word(mark("納品書が先"), "bad", "slip"),
    "wrong_item": Word(mark("この荷物の品ではない"), "bad", "cross-circle"),
    "too_many": Word(mark("数が多い"), "bad", "cross-circle"),
    "belongs_to_other_parcel": Word(mark("別の荷物の書類"), "bad", "cross-circle"),
    "wrong_session": Word(mark("別の公演回"), "bad", "ticket"),
    "void_copy": Word(mark("無効になった書類"), "bad", "trash"),
    "incomplete": Word(mark("まだ足りない"), "bad", "warning"),
    "already_packed": Word(mark("梱包済み"), "bad", "box"),
    "already_shipped": Word(mark("出荷済み"), "bad", "truck"),
    "held": Word(mark("保留中"), "bad", "pause"),
    "cancelled": Word(mark("取消済み"), "bad", "cross-circle"),
    "changed_since_print": Word(mark("印刷後に変更あり"), "bad", "pencil"),
    "care_flag": Word(mark("顧客の注意事項"), "bad", "flag"),
}
TOUCHPOINT_KIND: Final = {
    "purchase": Word(mark("購入"), "info", "cart"),
    "campaign": Word(mark("キャンペーン"), "calm", "megaphone"),
    "campaign_response": Word(mark("キャンペーンへの反応"), "info", "megaphone"),
    "support_ticket": Word(mark("問い合わせ"), "warn", "speech"),
    "survey": Word(mark("アンケート"), "calm", "survey"),
    "sales_activity": Word(mark("営業活動"), "calm", "speech"),
    "web": Word(mark("ウェブ"), "calm", "globe"),
    "attendance": Word(mark("来場"), "info", "ticket"),
    "parcel": Word(mark("荷物"), "good", "box"),
    "qr_visit": Word(mark("QRからの訪問"), "info", "link"),
    "packed": Word(mark("同梱したもの"), "good", "gift"),
}
TOUCHPOINT_STATUS: Final = {
    "open": Word(mark("未解決"), "warn", "clock"),
    "pending": Word(mark("対応中"), "warn", "clock"),
    "closed": Word(mark("解決済み"), "good", "check"),
    "sent": Word(mark("送った"), "calm", "megaphone"),
    "received": Word(mark("届いた"), "calm", "check"),
    "opened": Word(mark("開いた"), "info", "check"),
    "clicked": Word(mark("クリックした"), "info", "link"),
    "redeemed": Word(mark("使った"), "good", "ticket"),
    "used": Word(mark("使った"), "good", "ticket"),
    "won": Word(mark("成約"), "good", "check"),
    "lost": Word(mark("不成立"), "calm", "cross"),
}
# Their names are those that rules and explanations use: `crm_link.topics`.
TOPIC: Final = {
    topic: Word(TOPICS[topic][0], tone, icon)
    for topic, tone, icon in (
        ("complaint", "bad", "speech"),
        ("delivery", "calm", "truck"),
        ("question", "calm", "speech"),
        ("product", "calm", "box"),
        ("return", "warn", "repeat"),
        ("payment", "calm", "info"),
        ("subscription", "calm", "repeat"),
        ("allergy", "warn", "warning"),
    )
}
SOURCE: Final = {
    "staff": Word(mark("担当者の入力")),
    "soegaki": Word(mark("添え書き")),
    "standard": Word(mark("Webhook")),
    "api": Word(mark("API")),
    "plain": Word(mark("ファイル")),
    "file": Word(mark("取り込んだ会員データ")),
    "shopify": Word(mark("Shopify")),
    "eccube": Word(mark("EC-CUBE")),
    "rakuten": Word(mark("楽天市場")),
    "crm": Word(mark("CRM")),
    "desk": Word(mark("問い合わせ窓口")),
}
TOUCH_CHANNEL: Final = {
    "web": Word(mark("ウェブ")),
    "store": Word(mark("店頭")),
    "shop": Word(mark("店頭")),
    "phone": Word(mark("電話")),
    "telephone": Word(mark("電話")),
    "email": Word(mark("メール")),
    "mail": Word(mark("郵便")),
    "chat": Word(mark("チャット")),
    "parcel": Word(mark("荷物")),
    "qr": Word(mark("QRコード")),
}
ATTRIBUTE: Final = {
    "birthday": Word(mark("誕生日")),
    "gender": Word(mark("性別")),
    "language": Word(mark("言語")),
    "prefecture": Word(mark("都道府県")),
    "region": Word(mark("都道府県")),
    "household_size": Word(mark("世帯人数")),
    "income": Word(mark("世帯収入")),
    "age": Word(mark("年代")),
    "skin_type": Word(mark("肌質")),
    "favourite_tea": Word(mark("好きなお茶")),
}
CONSENT: Final = {
    "granted": Word(mark("同意あり"), "good", "check"),
    "denied": Word(mark("同意なし"), "bad", "cross"),
    "unknown": Word(mark("未確認"), "calm", "info"),
}
ROLE: Final = {
    "operator": Word(mark("EC担当"), "info", "rules"),
    "packer": Word(mark("倉庫"), "info", "scan"),
    "customer_success": Word(mark("カスタマーサクセス"), "info", "person"),
    "organiser": Word(mark("主催者"), "info", "ticket"),
    "administrator": Word(mark("管理者"), "info", "key"),
}
RULE_CHANGE: Final = {
    "added": Word(mark("追加"), "good", "plus"),
    "removed": Word(mark("削除"), "bad", "trash"),
    "moved": Word(mark("移動"), "calm", "up"),
    "changed": Word(mark("変更"), "info", "pencil"),
}
RELEASE_STATE: Final = {
    "waiting": Word(mark("承認待ち"), "warn", "clock"),
    "scheduled": Word(mark("予約済み"), "info", "clock"),
    "published": Word(mark("公開しました"), "good", "check-circle"),
    "sent_back": Word(mark("差し戻し"), "warn", "undo"),
    "cancelled": Word(mark("取り消し"), "calm", "cross"),
    "refused": Word(mark("公開できませんでした"), "bad", "stop"),
    "overtaken": Word(mark("ほかの版が先に公開"), "bad", "warning"),
}
EXPERIMENT_STATE: Final = {
    "draft": Word(mark("計画中"), "calm", "pencil"),
    "running": Word(mark("実施中"), "info", "play"),
    "ended": Word(mark("終了"), "good", "check-circle"),
}
METRIC: Final = {
    "repeat": Word(mark("再購入したお客様の割合"), "info", "repeat"),
    "revenue": Word(mark("お客様1人あたりの売上"), "info", "cart"),
    "qr_visit": Word(mark("QRコードを開いたお客様の割合"), "info", "link"),
    "support": Word(mark("問い合わせをしたお客様の割合"), "warn", "speech"),
}
METHOD: Final = {
    "watched": Word(mark("毎日見て、はっきりしたら終える"), "info", "search"),
    "fixed": Word(mark("予定の人数に達した日に一度だけ見る"), "info", "clock"),
}
BACKTEST_STATE: Final = {
    "queued": Word(mark("順番待ち"), "calm", "clock"),
    "running": Word(mark("調べています"), "info", "play"),
    "done": Word(mark("完了"), "good", "check-circle"),
    "cancelled": Word(mark("やめた"), "calm", "stop"),
    "failed": Word(mark("失敗"), "bad", "cross-circle"),
}
BACKTEST_CHANGE: Final = {
    "gained": Word(mark("同梱物が増える"), "good", "plus"),
    "lost": Word(mark("同梱物が減る"), "bad", "cross"),
    "changed": Word(mark("中身が変わる"), "warn", "pencil"),
}
BACKTEST_SEGMENT: Final = {
    "first": Word(mark("初回"), "info", "person"),
    "second": Word(mark("2回目"), "info", "person"),
    "repeat": Word(mark("3〜9回目"), "info", "person"),
    "loyal": Word(mark("10回目から"), "info", "heart"),
    "guest": Word(mark("顧客が不明"), "calm", "person"),
}
RULE_STANDING: Final = {
    "works": Word(mark("働いている"), "good", "check"),
    "never_matched": Word(mark("一度も条件に合っていない"), "bad", "warning"),
    "always_lost": Word(mark("条件に合っても、いつも入らない"), "warn", "warning"),
    "too_early": Word(mark("まだ判断できない"), "calm", "clock"),
    "off": Word(mark("使っていない"), "calm", "pause"),
}
RULE_OUTCOME: Final = {
    "fired": Word(mark("適用"), "good", "check"),
    "lost": Word(mark("合ったが入らず"), "warn", "cross"),
    "not_matched": Word(mark("条件に合わない"), "calm", "info"),
    "not_valid": Word(mark("期間外"), "calm", "clock"),
    "disabled": Word(mark("使っていない"), "calm", "pause"),
}
GROUPS: Final = {
    **PRINTING,
    **EVENTS,
    "rule_outcome": RULE_OUTCOME,
    "backtest_state": BACKTEST_STATE,
    "backtest_change": BACKTEST_CHANGE,
    "backtest_segment": BACKTEST_SEGMENT,
    "rule_standing": RULE_STANDING,
    "touchpoint_status": TOUCHPOINT_STATUS,
    "topic": TOPIC,
    "source": SOURCE,
    "touch_channel": TOUCH_CHANNEL,
    "attribute": ATTRIBUTE,
    "experiment_state": EXPERIMENT_STATE,
    "metric": METRIC,
    "method": METHOD,
    "merge_obstacle": MERGE_OBSTACLE,
    "split_refusal": SPLIT_REFUSAL,
    "rule_change": RULE_CHANGE,
    "release_state": RELEASE_STATE,
    "shipment_state": SHIPMENT_STATE,
    "parcel_state": PARCEL_STATE,
    "hold_reason": HOLD_REASON,
    "wave_state": WAVE_STATE,
    "unit_kind": UNIT_KIND,
    "copy_state": COPY_STATE,
    "outcome": OUTCOME,
    "touchpoint": TOUCHPOINT_KIND,
    "copy_kind": COPY_KIND,
    "invoice_obstacle": INVOICE_OBSTACLE,
    "template_kind": TEMPLATE_KIND,
    "template_change": TEMPLATE_CHANGE,
    "zone": ZONE,
    "aside_reason": ASIDE_REASON,
    "print_file": PRINT_FILE,
    "leaving": LEAVING,
    "upload_state": UPLOAD_STATE,
    "insert_kind": INSERT_KIND,
    "letter_class": LETTER_CLASS,
    "when_out": WHEN_OUT,
    "purpose": PURPOSE,
    "care": CARE,
    "consent": CONSENT,
    "role": ROLE,
}


def find_word(group: str, value: object) -> Word:
    """Return the word for a value; one we have no word for is shown as it is, never hidden."""
    if group == "topic":
        return _find_topic(str(value))
    return GROUPS[group].get(str(value), Word(str(value)))


def _find_topic(topic: str) -> Word:
    """Other systems have topics of their own: what nobody named is read as words."""
    ja, en = name_topic(topic)
    return replace(TOPIC.get(topic, Word("", icon="speech")), text=ja if get_language() == "ja" else en)
