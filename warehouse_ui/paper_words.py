"""What papers, their templates and their files are called."""

from typing import Final

from warehouse_ui.i18n import mark
from warehouse_ui.word import Word

COPY_KIND: Final = {
    "packing_slip": Word(mark("納品書"), "calm", "slip"),
    "gift_slip": Word(mark("ギフト用の納品書"), "calm", "slip"),
    "insert_card": Word(mark("カード"), "calm", "letter"),
    "invoice": Word(mark("適格請求書"), "calm", "slip"),
    "simplified_invoice": Word(mark("適格簡易請求書"), "calm", "slip"),
    "return_invoice": Word(mark("返還インボイス"), "calm", "undo"),
    "slip": Word(mark("納品書"), "calm", "slip"),
    "letter": Word(mark("お手紙"), "calm", "letter"),
    "coupon": Word(mark("クーポン"), "calm", "ticket"),
    "document": Word(mark("書類"), "calm", "letter"),
    "label": Word(mark("送り状"), "calm", "label"),
}
INVOICE_OBSTACLE: Final = {
    "registration_number": Word(mark("店舗に登録番号がない"), "warn", "slip"),
    "tax_rate": Word(mark("税率の分からない明細がある"), "warn", "slip"),
    "sent_again": Word(mark("再送した荷物である"), "warn", "repeat"),
    "cancelled": Word(mark("取り消したか、まとめた出荷である"), "warn", "cross-circle"),
    "nothing_sold": Word(mark("売上がない"), "warn", "slip"),
    "addressee": Word(mark("宛名がない(未登録、または消去済み)"), "warn", "person"),
}
PRINT_FILE: Final = {
    "cover": Word(mark("表紙とピッキングリスト"), "calm", "list"),
    "papers": Word(mark("納品書とお手紙"), "calm", "slip"),
    "labels": Word(mark("送り状"), "calm", "label"),
}
TEMPLATE_KIND: Final = {
    "packing_slip": Word(mark("納品書"), "calm", "slip"),
    "gift_slip": Word(mark("ギフト用の納品書"), "calm", "gift"),
    "letter": Word(mark("お手紙"), "calm", "letter"),
    "insert_card": Word(mark("カード"), "calm", "ticket"),
    "label": Word(mark("宛名ラベル"), "calm", "label"),
    "wave_cover": Word(mark("出荷バッチの表紙"), "calm", "stack"),
    "picking_list": Word(mark("ピッキングリスト"), "calm", "list"),
    "invoice": Word(mark("適格請求書"), "calm", "slip"),
    "simplified_invoice": Word(mark("適格簡易請求書"), "calm", "slip"),
    "return_invoice": Word(mark("適格返還請求書"), "calm", "repeat"),
}
TEMPLATE_CHANGE: Final = {
    "added": Word(mark("追加"), "good", "plus"),
    "removed": Word(mark("削除"), "bad", "trash"),
    "moved": Word(mark("移動"), "info", "grip"),
    "changed": Word(mark("変更"), "warn", "pencil"),
}
