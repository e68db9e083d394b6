"""Foreseen failures in the reader's words, by their stable code."""

from typing import Final

from core.errors import AppError
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.words import find_word

TITLES: Final = {
    401: mark("サインインが必要です"),
    403: mark("権限がありません"),
    404: mark("見つかりません"),
    409: mark("今はできません"),
    410: mark("消去されました"),
    413: mark("ファイルが大きすぎます"),
    422: mark("入力に問題があります"),
    429: mark("しばらくお待ちください"),
    500: mark("問題が起きました"),
    502: mark("外部のサービスが応答しません"),
    503: mark("ただいま準備中です"),
}
_BY_CODE: Final = {
    "sign_in_needed": mark("サインインしてください。"),
    "sign_in_refused": mark("メールアドレスとパスワードの組み合わせが違います。"),
    "too_many_attempts": mark("試行回数が多すぎます。%(wait_seconds)s秒後にもう一度お試しください。"),
    "role_needed": mark("この画面を使う権限がありません。管理者に依頼してください。"),
    "password_change_needed": mark("先に、自分のパスワードを決めてください。"),
    "csrf_failed": mark("ページが古くなっています。読み込み直して、もう一度操作してください。"),
    "shop_not_chosen": mark("先に店舗を選んでください。"),
    "shop_not_found": mark("その店舗は、あなたの店舗の中にありません。"),
    "user_not_found": mark("その利用者は見つかりません。"),
    "email_taken": mark("このメールアドレスの利用者はすでにいます。"),
    "last_administrator": mark("最後の管理者です。先に別の管理者を決めてください。"),
    "weak_password": mark(
        "このパスワードは使えません。10文字以上で、名前やメールアドレスと違う、推測されにくいものにしてください。"
    ),
    "erased": mark("個人データは消去されています。"),
    "not_found": mark("ご指定のものは見つかりません。別の店舗のものか、削除された可能性があります。"),
    "forbidden": mark("この操作をする権限がありません。"),
    "backtest_not_found": mark("そのバックテストは見つかりません。"),
    "backtest_period": mark("期間の終わりが始まりより前か、始まりが未来です。"),
    "backtest_sample": mark("サンプルは0より大きく1以下の割合で指定してください。"),
    "backtest_shipment": mark("このバックテストに、その出荷の結果はありません。"),
    "backtest_ended": mark("このバックテストはすでに終わっています。"),
    "customer_not_found": mark("その顧客は見つかりません。"),
    "shipment_not_found": mark("その出荷は見つかりません。"),
    "wave_not_found": mark("そのバッチは見つかりません。"),
    "parcel_not_found": mark("その荷物は見つかりません。"),
    "print_job_not_found": mark("その印刷データは見つかりません。"),
    "version_not_found": mark("その版は見つかりません。"),
    "empty_wave": mark("今、出荷できるものがありません。"),
    "no_warehouse": mark("この店舗の荷物を出す倉庫がありません。"),
    "no_delivery_service": mark("使える配送サービスがありません。"),
    "act_not_possible": mark("今の状態ではできません。画面を読み込み直してください。"),
    "landing_choice_overtaken": mark("その間に、ほかの人が変えました。読み込み直してください。"),
    "reason_missing": mark("理由を入力してください。"),
    "merge_refused": mark("まとめられません: %(reasons)s。"),
    "split_refused": mark("分けられません: %(reason)s。"),
    "undo_refused": mark("もう元に戻せません: %(reason)s。"),
    "rearrangement_not_found": mark("その分割・おまとめの記録は見つかりません。"),
    "nothing_changed": mark("この出荷は、印刷後の変更で止まってはいません。"),
    "nothing_to_resend": mark("再送する品と数を選んでください。送った数より多くはできません。"),
    "person_needed": mark("サインインした人が、理由を添えて行う必要があります。"),
    "changed_again": mark("ご覧になったあとで、内容がまた変わりました。違いをもう一度確かめてから選んでください。"),
    "shipment_erased": mark("個人データが消去された出荷です。もう印刷できません。発送前なら、取り消してください。"),
    "change_not_answered": mark("印刷後に内容が変わった出荷です。印刷したまま出すか、印刷し直すかを選んでください。"),
    "nothing_to_reprint": mark("再印刷できる有効な帳票がありません。"),
    "printer_not_found": mark("そのプリンターは見つかりません。"),
    "printer_address": mark("プリンターの住所が使えません: %(reason)s。"),
    "printer_input": mark("プリンターの設定に問題があります。"),
    "printer_failed": mark("プリンターにつながらないか、受け付けませんでした。電源と用紙を確かめてください。"),
    "print_run_not_found": mark("その印刷の記録は見つかりません。"),
    "print_run_state": mark("ほかの人が先に操作したか、もう終わっています。画面を読み込み直してください。"),
    "nothing_to_print": mark("印刷できる有効な紙が残っていません。"),
    "experiment_not_found": mark("その実験は見つかりません。"),
    "experiment_exists": mark("同じ識別名の実験がすでにあります。"),
    "experiment_state": mark("ほかの人が先に開始または終了したため、今はできません。読み込み直してください。"),
    "plan_overtaken": mark("ほかの人が先に保存しました。読み込み直してから、もう一度変更してください。"),
    "holdout_running": mark("店全体の対照群がすでに実施中です。先に終了してください。"),
    "draft_overtaken": mark("ほかの人が先に下書きを保存しました。読み込み直してから、もう一度変更してください。"),
    "broken_ruleset": mark("ルールに間違いがあります。下の間違いを直してください。"),
    "approval_needed": mark("この店舗では、ほかの人の承認が必要です。承認を依頼してください。"),
    "nothing_to_publish": mark("公開中の版から変わっていません。"),
    "release_not_found": mark("その公開の予約や依頼は見つかりません。"),
    "release_state": mark("ほかの人が先に処理しました。今の状態を確かめてください。"),
    "own_release": mark("自分で出したものは承認できません。ほかの人に頼んでください。"),
    "live_changed": mark("見ている間に、ほかの版が公開されました。変わることを確かめて、もう一度操作してください。"),
    "release_changed": mark("出されたときの内容と違います。承認しないで、出した人に確かめてください。"),
    "bad_moment": mark("その日時は使えません。これから先の、ある日時を入れてください。"),
    "schedule_taken": mark("もっと後の公開が予約されています。先にその予約を取り消してください。"),
    "note_needed": mark("直してほしいことを書いてください。"),
    "gallery_choice": mark("「%(label_ja)s」を選んでください。"),
    "template_not_found": mark("その帳票は見つかりません。"),
    "template_invalid": mark("帳票に間違いがあります。下の間違いを直してください。"),
    "template_changed": mark(
        "見ている間に、ほかの版が公開されました。変わることを確かめて、もう一度操作してください。"
    ),
    "template_taken": mark("同じ識別名の帳票がすでにあります。"),
    "draft_too_large": mark("帳票が大きすぎます。"),
    "picture_refused": mark("%(message_ja)s"),
    "picture_not_found": mark("その画像は見つかりません。"),
    "coupon_series_not_found": mark("そのクーポンは見つかりません。"),
    "coupon_source_fixed": mark("すでにコードがあるので、コードの出どころは変えられません。"),
    "coupon_not_a_pool": mark("このクーポンのコードはここで作られます。取り込めません。"),
    "too_many_codes": mark("一度に取り込めるのは%(limit)s件までです。"),
    "invoice_not_possible": mark("インボイスを出せません: %(reason)s。"),
    "invoice_outdated": mark("%(number)sを出したあとで注文が変わりました。もう一度出すと、新しい番号になります。"),
    "invoice_not_found": mark("そのインボイスは見つかりません。"),
    "terms_not_found": mark("その日付の値は、店舗の表にありません。"),
    "gift_limit_not_found": mark("その日付の上限は、店舗の表にありません。"),
    "overtaken": mark("ほかの人が先に変更しました。読み込み直してください。"),
    "customer_erased": mark("この顧客の個人データは消去されています。"),
    "event_not_found": mark("その公演は見つかりません。"),
    "session_not_found": mark("その公演回は見つかりません。"),
    "attendee_not_found": mark("その参加者は見つかりません。"),
    "event_exists": mark("識別名「%(key)s」の公演がすでにあります。別の識別名にしてください。"),
    "question_answered": mark("%(row)s行目には、ほかの人が先に答えました。次の行に進んでください。"),
    "address_needed": mark(
        "送り先の住所が、リストの行にも会員データにもそろっていません。「送らない」を選び、住所を入れたリストを取り込み直してください。"
    ),
    "session_not_clear": mark(
        "公演回「%(key)s」は、まだ出荷を始められません。確認待ちの行（%(waiting)s件）と、整理していないリストを先に片付けてください。"
    ),
    "list_not_open": mark("このリストに、整理が必要なものは残っていません。"),
    "upload_state": mark("この取り込みは、すでに始まっています。"),
    "mapping_incomplete": mark("必須の項目に、列が選ばれていません。"),
    "file_unreadable": mark("このファイルは表として読み取れません。CSVかExcelか、壊れていないかを確かめてください。"),
    "encoding_ambiguous": mark("文字コードが2通りに読めます。正しいほうを選んで、もう一度送ってください。"),
    "grant_refused": mark("その役割は、その場所には付けられません。"),
    "column_missing": mark(
        "このファイルには「%(field)s」の列がありません。ダウンロードした出荷データの列を、そのまま残してください。"
    ),
    "unstorable_value": mark("大きすぎる値か、保存できない文字が含まれています。"),
    "upstream_failed": mark("外部のサービスが応答しません。しばらくしてからもう一度お試しください。"),
}


# Their details are codes with words of their own.
_LISTED: Final = {
    "merge_refused": "merge_obstacle",
    "split_refused": "split_refusal",
    "undo_refused": "split_refusal",
    "printer_address": "address_refusal",
    "invoice_not_possible": "invoice_obstacle",
}


def _name_reasons(error: AppError) -> dict[str, str]:
    told = error.details.get("reasons")
    codes = told if isinstance(told, list) else [error.details.get("reason")]
    words = [gettext(find_word(_LISTED[error.code], code).text) for code in codes]
    joined = ("、" if get_language() == "ja" else ", ").join(words)
    return {"reasons": joined, "reason": joined}


def find_title(status: int) -> str:
    return gettext(TITLES.get(status, TITLES[500]))


def describe_error(error: AppError) -> str:
    """Return the sentence for a failure. One we have no words for says in English what the service said."""
    if error.code in _LISTED:
        return gettext(_BY_CODE[error.code]) % _name_reasons(error)
    if get_language() == "en":
        return error.message
    if error.code not in _BY_CODE:
        return error.message
    return gettext(_BY_CODE[error.code]) % error.details
