"""What to do next with an event, in one plain sentence: the first thing that is open, in the order of the work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from babel.dates import format_date

from core.tabular.models import UploadState
from fulfillment.bulk_events.kinds import RowState, Stage
from fulfillment.bulk_events.models import BulkSession
from warehouse_ui.events.standing import Standing
from warehouse_ui.i18n import get_language, gettext


@dataclass(frozen=True, kw_only=True)
class Step:
    """`address` is where the button leads, none when there is only to wait; `is_act`: it does something there."""

    key: str
    sentence: str
    label: str = ""
    address: str = ""
    icon: str = "right"
    tone: str = "info"
    is_act: bool = False


def find_step(standing: Standing) -> Step:
    return next(step for find in _FINDERS if (step := find(standing)) is not None)


def name_session(held: BulkSession) -> str:
    """Return the day and the hall of a session, as people call it."""
    if get_language() == "ja":
        return f"{format_date(held.held_on, 'M/d', locale='ja')} {held.venue}"
    return f"{format_date(held.held_on, 'MMM d', locale='en')} {held.venue_en}"


def _path(standing: Standing) -> str:
    return f"/events/{quote(standing.event.key, safe='')}"


def _watch_file(standing: Standing) -> Step | None:
    if not standing.reading:
        return None
    sentence = gettext("「%(file)s」を取り込んでいます。終わるまでお待ちください。")
    return Step(key="reading", sentence=sentence % {"file": standing.reading[0]}, icon="clock")


def _confirm_columns(standing: Standing) -> Step | None:
    received = [(each.id, each.file_name) for each in standing.session_files if each.state is UploadState.RECEIVED]
    received += [(each.upload_id, each.file_name) for each in standing.open_lists if each.state is UploadState.RECEIVED]
    if not received:
        return None
    sentence = gettext("「%(file)s」は、まだ取り込まれていません。どの列が何かを確かめて、取り込みを始めてください。")
    upload_id, name = received[0]
    return Step(
        key="columns",
        sentence=sentence % {"file": name},
        label=gettext("列を確かめる"),
        address=f"/imports/{upload_id}",
        tone="warn",
    )


def _hand_in_sessions(standing: Standing) -> Step | None:
    if standing.sessions:
        return None
    sentence = gettext("まず、公演回（日にち・会場・録音の商品）のファイルを取り込んでください。")
    if any(each.rejected_count for each in standing.session_files[:1]):
        sentence = gettext(
            "公演回のファイルがエラーになりました。下の「公演回のファイル」で理由を確かめ、直して取り込み直してください。"
        )
    return Step(key="sessions", sentence=sentence, label=gettext("ファイルを選ぶ"), address="#hand-in", icon="upload")


def _hand_in_lists(standing: Standing) -> Step | None:
    if standing.lists:
        return None
    sentence = gettext(
        "公演回は%(count)s回あります。次に、参加者のリスト（前売り・当日・新規購入）を取り込んでください。"
    )
    return Step(
        key="lists",
        sentence=sentence % {"count": len(standing.sessions)},
        label=gettext("リストを選ぶ"),
        address="#hand-in",
        icon="upload",
    )


def _answer_questions(standing: Standing) -> Step | None:
    if not standing.waiting:
        return None
    sentence = gettext("%(count)s件の行が、だれのことかの確認を待っています。")
    return Step(
        key="questions",
        sentence=sentence % {"count": f"{standing.waiting:,}"},
        label=gettext("確認する"),
        address=f"{_path(standing)}/questions",
        icon="hand",
        tone="warn",
    )


def _settle_list(standing: Standing) -> Step | None:
    if not standing.open_lists:
        return None
    entry = standing.open_lists[0]
    if entry.state is UploadState.FAILED:
        sentence = gettext(
            "リスト「%(file)s」は読み取れませんでした。直して取り込み直し、前のファイルは理由を書いて整理してください。"
        )
    else:
        sentence = gettext(
            "リスト「%(file)s」の却下%(count)s行が未整理です。直して取り込み直すか、送らない理由を書いて整理してください。"
        )
    shown = {"file": entry.file_name, "count": f"{entry.counts[RowState.REJECTED]:,}"}
    return Step(
        key="settle",
        sentence=sentence % shown,
        label=gettext("整理する"),
        address=f"#list-{entry.upload_id}",
        icon="pencil",
        tone="warn",
    )


def _release(standing: Standing) -> Step | None:
    ready = standing.list_releasable()
    if not ready:
        return None
    sentence = gettext(
        "行はすべて整理できています。リストがそろっていれば、%(sessions)s回・%(people)s人分の出荷を始められます。"
    )
    people = sum(entry.stages[Stage.ENTITLED] for entry in ready)
    return Step(
        key="release",
        sentence=sentence % {"sessions": len(ready), "people": f"{people:,}"},
        label=gettext("整った公演回の出荷をすべて始める"),
        address=f"{_path(standing)}/release",
        icon="play",
        tone="good",
        is_act=True,
    )


def _wait_for_orders(standing: Standing) -> Step | None:
    if not standing.is_moving:
        return None
    sentence = gettext("参加者の荷物を用意しています。この画面は自動で新しくなります。")
    return Step(key="preparing", sentence=sentence, icon="clock")


def _gather(standing: Standing) -> Step | None:
    planned = [entry for entry in standing.sessions if entry.stages[Stage.PLANNED]]
    if not planned:
        return None
    if not standing.may_ship:
        day = format_date(standing.event.ship_not_before, "yyyy/M/d", locale=get_language())
        sentence = gettext(
            "荷物の用意ができました。発送は%(day)sからです。その日に、ここで出荷バッチを作ってください。"
        )
        return Step(key="not_yet", sentence=sentence % {"day": day}, icon="clock")
    entry = planned[0]
    sentence = gettext("%(session)sの荷物%(count)s個が出荷を待っています。出荷バッチにまとめて、倉庫に渡してください。")
    return Step(
        key="gather",
        sentence=sentence % {"session": name_session(entry.session), "count": f"{entry.stages[Stage.PLANNED]:,}"},
        label=gettext("出荷バッチにまとめる"),
        address=f"{_path(standing)}/sessions/{entry.session.id}/gather",
        icon="stack",
        tone="good",
        is_act=True,
    )


def _look_at_stuck(standing: Standing) -> Step | None:
    """Parcels that go no further by themselves: cancelled although somebody is entitled, or on hold."""
    told = {
        Stage.CANCELLED: gettext(
            "%(session)sで、荷物が取り消された参加者が%(count)s人います。出荷を見て送り直すか、理由を書いて外してください。"
        ),
        Stage.HELD: gettext("%(session)sに、保留の荷物が%(count)s個あります。理由を確かめてください。"),
    }
    for stage, sentence in told.items():
        for entry in standing.sessions:
            if entry.stages[stage]:
                return Step(
                    key=stage.value,
                    sentence=sentence % {"session": name_session(entry.session), "count": f"{entry.stages[stage]:,}"},
                    label=gettext("その人たちを見る"),
                    address=f"{_path(standing)}/sessions/{entry.session.id}?stage={stage}",
                    icon="pause" if stage is Stage.HELD else "warning",
                    tone="warn",
                )
    return None


def _follow(standing: Standing) -> Step:
    """The warehouse has it, or all is done."""
    attendees = sum(entry.attendees for entry in standing.sessions)
    left = attendees - standing.count(Stage.HANDED_OVER)
    if not attendees:
        return Step(
            key="nobody", sentence=gettext("送る人がまだいません。参加者のリストを取り込んでください。"), icon="info"
        )
    if left:
        sentence = gettext("倉庫で印刷・検品・引き渡しを進めています。あと%(count)s人分です。")
        return Step(key="floor", sentence=sentence % {"count": f"{left:,}"}, icon="truck")
    sentence = gettext("%(count)s人全員の荷物を、運送会社に引き渡しました。")
    return Step(key="done", sentence=sentence % {"count": f"{attendees:,}"}, icon="check-circle", tone="good")


_FINDERS: Final[tuple[Callable[[Standing], Step | None], ...]] = (
    _watch_file,
    _confirm_columns,
    _hand_in_sessions,
    _hand_in_lists,
    _answer_questions,
    _settle_list,
    _release,
    _wait_for_orders,
    _gather,
    _look_at_stuck,
    _follow,
)
