"""What a page says after something was done: the address carries a key, so it works without JavaScript or state."""

from typing import Final

from warehouse_ui.i18n import mark
from warehouse_ui.word import Word

_DONE: Final = {
    "held": mark("出荷を保留にしました。"),
    "released": mark("保留を解除しました。"),
    "cancelled": mark("出荷を取り消しました。"),
    "resent": mark("再送の出荷を作りました。"),
    "split": mark("出荷を2つに分けました。これは分けたほうの出荷です。"),
    "merging_set": mark("おまとめの設定を変えました。これから届く注文に使われます。"),
    "merged": mark("出荷を1つにまとめました。"),
    "undone": mark("元に戻しました。"),
    "kept": mark("印刷したまま出すことにしました。理由と名前を記録しました。"),
    "taken_out": mark("前の帳票を無効にしました。次のバッチで新しく印刷します。"),
    "ticket_closed": mark("問い合わせを解決済みにしました。"),
    "complaint_recorded": mark("お申し出を記録しました。出荷前の荷物は判定し直します。"),
    "reprinting": mark("再印刷を始めました。前の帳票は無効になります。"),
    "wave_created": mark("出荷バッチを作りました。"),
    "printing": mark("印刷データを作っています。"),
    "wave_printed": mark("印刷データができました。"),
    "tracking_in": mark("送り状番号を取り込みました。"),
    "handed_over": mark("運送会社への引き渡しを記録しました。"),
    "rule_saved": mark("下書きに保存しました。公開するまで出荷には使われません。"),
    "draft_discarded": mark("公開中の版に戻しました。"),
    "published": mark("ルールを公開しました。新しい出荷の判定から使われます。"),
    "scheduled": mark("公開を予約しました。日時が来たら、もう一度確かめてから公開します。"),
    "submitted": mark("承認を依頼しました。"),
    "sent_back": mark("差し戻しました。"),
    "release_cancelled": mark("取り消しました。"),
    "rolled_back": mark("前の版に戻して公開しました。"),
    "approval_on": mark("これからは、ほかの人の承認が必要です。"),
    "approval_off": mark("これからは、一人で公開できます。"),
    "template_published": mark("帳票を公開しました。これから確定する出荷に使われます。"),
    "template_discarded": mark("下書きの変更を捨てました。"),
    "template_rolled_back": mark("前の版に戻して公開しました。"),
    "picture_stored": mark("画像を保存しました。"),
    "picture_removed": mark("画像を一覧から外しました。公開中の版は変わりません。"),
    "insert_saved": mark("同梱物を保存しました。"),
    "stock_set": mark("在庫数を記録しました。"),
    "coupon_saved": mark("クーポンを保存しました。"),
    "coupon_freed": mark("無効のコードを戻しました。"),
    "landing_saved": mark("QRコードの行き先を保存しました。"),
    "law_saved": mark("表に加えました。その日から、判定と公開の確かめに使われます。"),
    "law_removed": mark("表から取り除きました。"),
    "profile_saved": mark("店舗の情報を保存しました。次の印刷から使われます。"),
    "invoice_issued": mark("インボイスを出しました。番号からPDFを開けます。"),
    "import_started": mark("取り込みを始めました。"),
    "import_finished": mark("取り込みが終わりました。"),
    "retried": mark("もう一度処理しています。"),
    "solved": mark("解決済みにしました。"),
    "user_saved": mark("利用者を保存しました。"),
    "grant_saved": mark("権限を変更しました。"),
    "password_changed": mark("パスワードを変更しました。"),
    "erased": mark("顧客の個人データを消去しました。"),
    "flag_set": mark("注意事項を記録しました。"),
    "flag_ended": mark("注意事項を解除しました。"),
    "consent_recorded": mark("同意の状態を記録しました。"),
    "backtest_started": mark("試し始めました。"),
    "experiment_saved": mark("実験の計画を保存しました。"),
    "experiment_started": mark("実験を開始しました。新しい判定から割り当てを記録します。"),
    "experiment_ended": mark("実験を終了しました。"),
    "experiment_deleted": mark("実験の計画を削除しました。"),
    "costs_saved": mark("費用の表を保存しました。"),
    "language": mark("表示言語を変更しました。"),
}


def find_notice(key: str | None) -> Word | None:
    """Return the sentence for a key; a key nobody knows says nothing."""
    return Word(_DONE[key], "good", "check-circle") if key in _DONE else None
