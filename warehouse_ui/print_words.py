"""What printing on a printer is called: states, kinds, and what went wrong with what to do about it."""

from typing import Final

from warehouse_ui.i18n import mark
from warehouse_ui.word import Word

RUN_STATE: Final = {
    "queued": Word(mark("順番待ち"), "calm", "clock"),
    "sending": Word(mark("送信中"), "info", "upload"),
    "printing": Word(mark("印刷中"), "info", "print"),
    "done": Word(mark("紙に出た"), "good", "check-circle"),
    "failed": Word(mark("出ていない"), "bad", "cross-circle"),
    "doubt": Word(mark("出たか不明"), "bad", "warning"),
    "cancelled": Word(mark("取り消した"), "calm", "cross"),
    "repeated": Word(mark("やり直した"), "calm", "repeat"),
}
PRINTER_KIND: Final = {
    "download": Word(mark("PDFをダウンロードして印刷"), "calm", "download"),
    "ipp": Word(mark("直接送る（IPP）"), "info", "print"),
    "zpl": Word(mark("ラベルプリンター（ZPL）"), "info", "label"),
}
# What stopped a run, and the next step.
RUN_PROBLEM: Final = {
    "away": Word(
        mark("プリンターにつながりません。電源とネットワークを確かめて、もう一度送ってください。"), "bad", "offline"
    ),
    "refused": Word(
        mark("プリンターが受け付けませんでした。用紙とトレイの設定を管理者に確かめてください。"), "bad", "stop"
    ),
    "silent": Word(
        mark("送っている間に返事が途切れました。プリンターを見て、紙が出たかどうかを答えてください。"), "bad", "warning"
    ),
    "forgotten": Word(
        mark("プリンターがこの印刷を覚えていません。紙が出たかどうかを答えてください。"), "bad", "warning"
    ),
    "canceled": Word(
        mark("プリンターの側で取り消されました。出た紙があれば、続きから刷り直してください。"), "bad", "stop"
    ),
    "aborted": Word(mark("プリンターが途中でやめました。出た紙があれば、続きから刷り直してください。"), "bad", "stop"),
    "no_end": Word(
        mark("終わりの知らせが来ません。プリンターを見て、紙が出たかどうかを答えてください。"), "bad", "clock"
    ),
    "did_not_come_out": Word(mark("紙は出なかったと、担当者が答えました。"), "warn", "hand"),
    "media-empty": Word(mark("用紙がありません。補充してから、もう一度送ってください。"), "bad", "warning"),
    "media-jam": Word(mark("紙づまりです。紙を取り除いてから、もう一度送ってください。"), "bad", "warning"),
    "cover-open": Word(mark("カバーが開いています。閉じてから、もう一度送ってください。"), "bad", "warning"),
    "door-open": Word(mark("扉が開いています。閉じてから、もう一度送ってください。"), "bad", "warning"),
    "paused": Word(mark("プリンターが一時停止しています。再開してから、もう一度送ってください。"), "bad", "pause"),
    "ribbon-out": Word(mark("リボンがありません。交換してから、もう一度送ってください。"), "bad", "warning"),
    "shutdown": Word(mark("プリンターが止められています。電源を入れてから、もう一度送ってください。"), "bad", "stop"),
    "printer_address": Word(mark("プリンターの住所が使えません。管理者に確かめてください。"), "bad", "stop"),
    "nothing_to_print": Word(mark("有効な紙が残っていません。刷り直したほうを印刷してください。"), "warn", "info"),
    "erased": Word(mark("個人データが消去されたため、印刷できません。"), "warn", "eraser"),
}
# What a printer says of itself while it works (RFC 8011, 5.4.12), without its severity.
PRINTER_REASON: Final = {
    "away": Word(mark("返事がありません"), "warn", "offline"),
    "silent": Word(mark("返事がありません"), "warn", "offline"),
    "media-empty": Word(mark("用紙がありません"), "bad", "warning"),
    "media-needed": Word(mark("用紙を入れてください"), "bad", "warning"),
    "media-low": Word(mark("用紙が残りわずかです"), "warn", "info"),
    "media-jam": Word(mark("紙づまりです"), "bad", "warning"),
    "cover-open": Word(mark("カバーが開いています"), "bad", "warning"),
    "door-open": Word(mark("扉が開いています"), "bad", "warning"),
    "input-tray-missing": Word(mark("トレイがありません"), "bad", "warning"),
    "toner-empty": Word(mark("トナーがありません"), "bad", "warning"),
    "toner-low": Word(mark("トナーが残りわずかです"), "warn", "info"),
    "marker-supply-empty": Word(mark("インクがありません"), "bad", "warning"),
    "marker-supply-low": Word(mark("インクが残りわずかです"), "warn", "info"),
    "ribbon-out": Word(mark("リボンがありません"), "bad", "warning"),
    "paused": Word(mark("一時停止しています"), "warn", "pause"),
    "moving-to-paused": Word(mark("一時停止しています"), "warn", "pause"),
    "sent-only": Word(mark("送りました（このプリンターは状態を返しません）"), "calm", "info"),
}
# Why an address is no printer's.
ADDRESS_REFUSAL: Final = {
    "malformed": Word(
        mark("「ipp://192.168.1.20/ipp/print」や「192.168.1.30」のように入力してください"), "bad", "warning"
    ),
    "scheme": Word(mark("ipp:// か ipps:// で始めてください"), "bad", "warning"),
    "unknown": Word(mark("その名前の機械が見つかりません"), "bad", "offline"),
    "public": Word(mark("社内のネットワークの外にあります"), "bad", "stop"),
}
DUPLEX: Final = {
    "simplex": Word(mark("片面")),
    "long_edge": Word(mark("両面（長辺とじ）")),
    "short_edge": Word(mark("両面（短辺とじ）")),
}
SEPARATOR: Final = {
    "none": Word(mark("区切りなし")),
    "blank": Word(mark("白紙を入れる")),
    "titled": Word(mark("出荷番号の紙を入れる")),
}
REPRINT_REASON: Final = {
    "jam": Word(mark("紙づまり"), "warn", "warning"),
    "faint": Word(mark("かすれ・インク切れ"), "warn", "print"),
    "damaged": Word(mark("破れ・汚れ"), "warn", "trash"),
    "lost": Word(mark("紙が見つからない"), "warn", "search"),
}
GROUPS: Final = {
    "run_state": RUN_STATE,
    "printer_kind": PRINTER_KIND,
    "run_problem": RUN_PROBLEM,
    "printer_reason": PRINTER_REASON,
    "address_refusal": ADDRESS_REFUSAL,
    "duplex": DUPLEX,
    "separator": SEPARATOR,
    "reprint_reason": REPRINT_REASON,
}
_SEVERITIES: Final = ("-error", "-warning", "-report")


def plain_reason(reason: str) -> str:
    """Return a printer's reason without its severity."""
    return next((reason.removesuffix(end) for end in _SEVERITIES if reason.endswith(end)), reason)
