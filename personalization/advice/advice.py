"""One piece of advice: where, what is the matter, what to do, in both languages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from personalization.conditions.explanation import Words


class Severity(StrEnum):
    WARNING = "warning"  # the rule will not do what it seems to
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True)
class Advice:
    """`place` is a JSON path, as of a `Problem`; `todo` may be empty when the sentence says it all."""

    place: str
    code: str
    severity: Severity
    ja: str
    en: str
    todo_ja: str
    todo_en: str
    rule_key: str | None = None


_Row = tuple[Severity, Words, Words]
_W, _N = Severity.WARNING, Severity.NOTE
ADVICE: Final[Mapping[str, _Row]] = {
    "never_matches": (
        _W,
        Words("このルールは動きません。{why}", "This rule can never match. {why}"),
        Words("条件のどれかを直すか、「いずれか」でまとめてください。", "Change one of them, or join them with “any”."),
    ),
    "never_again": (
        _W,
        Words("このルールは今日から先は動きません。{why}", "From today on this rule cannot match. {why}"),
        Words("日付を直すか、ルールを外してください。", "Correct the dates, or take the rule out."),
    ),
    "part_never_matches": (
        _W,
        Words(
            "「{part}」は、ほかの条件と同時には成り立ちません。", "“{part}” can never hold with the other conditions."
        ),
        Words("この部分を直すか、外してください。", "Change this part, or take it out."),
    ),
    "always_matches": (
        _N,
        Words("この条件はどの出荷にも当てはまります。", "This condition holds for every shipment."),
        Words("そのつもりなら「いつも」にすると読みやすくなります。", "If that is meant, “always” is easier to read."),
    ),
    "shadowed": (
        _W,
        Words(
            "このルールは効きません。上の「{by}」がいつも先に当てはまり、{what}を取ります。",
            "This rule has no effect: “{by}” above always matches first and takes {what}.",
        ),
        Words(
            "順番を入れ替えるか、上のルールの条件を絞ってください。",
            "Swap the two, or narrow the rule above.",
        ),
    ),
    "fallback_only": (
        _N,
        Words(
            "上の「{by}」が当てはまる出荷ではいつも後回しで、そちらが在庫切れや回数上限などで外れたときだけ{what}を取ります。",
            "Wherever this matches, “{by}” above does too: it gets {what} only when that one loses (stock, limits).",
        ),
        Words("控えのつもりなら、このままでかまいません。", "Fine if it is meant as a fallback."),
    ),
    "runs_out": (
        _W,
        Words(
            "「{insert}」は今のペース(1日約{pace}個)だと{day}ごろなくなります。{end}",
            "At the present pace (about {pace} a day) “{insert}” runs out around {day}. {end}",
        ),
        Words("補充するか、回数の上限か期間を見直してください。", "Restock, or set a limit or an earlier end."),
    ),
    "out_of_stock": (
        _W,
        Words("「{insert}」は在庫がありません。", "“{insert}” is out of stock."),
        Words("補充するか、代わりの品を選んでください。", "Restock it, or choose another insert."),
    ),
    "never_counted": (
        _N,
        Words("「{insert}」の在庫がまだ数えられていません。", "The stock of “{insert}” was never counted."),
        Words("同梱物の画面で在庫数を入れてください。", "Enter the count on the page of inserts."),
    ),
    "contradicts_exclusion": (
        _W,
        Words("条件に合う出荷では、いつも外されます: {why}", "Where it matches it is always kept out: {why}"),
        Words("条件か、することを見直してください。", "Change the condition, or what it does."),
    ),
    "few_granted": (
        _W,
        Words(
            "「{purpose}」に同意しているお客様は{share}%({granted}/{all}人)だけです。",
            "Only {share} % of customers ({granted} of {all}) have granted “{purpose}”.",
        ),
        Words("同意を集めるか、同意の要らない内容にしてください。", "Ask for consent, or do what needs none."),
    ),
    "unknown_value": (
        _W,
        Words("{sentence}", "{sentence}"),
        Words("つづりを確かめてください。", "Check the spelling."),
    ),
    "law": (_N, Words("{sentence}", "{sentence}"), Words("", "")),
    "slot_may_be_empty": (
        _W,
        Words(
            "「{template}」の「{slot}」を書くルールは、この条件でいつも動くとは限りません。空のままだと印刷で止まります。",
            "No rule is sure to fill “{slot}” of “{template}” whenever this matches; empty, it stops the printing.",
        ),
        Words("この手紙に本文を書いてください。", "Write its text here."),
    ),
    "slots_unfilled": (
        _N,
        Words("「{template}」の「{slots}」が空のままです。", "“{slots}” of “{template}” is left empty."),
        Words("空でよければ、このままでかまいません。", "Fine if it is meant to be empty."),
    ),
    "no_place": (
        _W,
        Words("{papers}には、{what}を載せる場所がありません。", "{papers} has no place for {what}."),
        Words(
            "帳票のデザインに場所を足すか、場所のある納品書・お手紙をこのルールで選んでください。",
            "Add a place to the template, or choose a slip or letter that has one in this rule.",
        ),
    ),
    "no_place_on_some": (
        _N,
        Words(
            "{papers}が入る荷物には{what}が出ません。載せる場所がないからです。",
            "Parcels with {papers} go without {what}: there is no place for it.",
        ),
        Words(
            "出したいときは、帳票のデザインに場所を足してください。",
            "If it should be there, add a place to the template.",
        ),
    ),
    "unused": (
        _N,
        Words(
            "このルールは直近{days}日の{count}件の出荷で一度も動いていません。",
            "This rule did not act on any of the last {count} shipments in {days} days.",
        ),
        Words("条件を確かめるか、ルールを外してください。", "Check the condition, or take the rule out."),
    ),
    "name_twice": (
        _N,
        Words("「{name}」という名前のルールがほかにもあります。", "Another rule is called “{name}”, too."),
        Words("見分けのつく名前にしてください。", "Give it a name that tells them apart."),
    ),
    "experiment_not_running": (
        _W,
        Words("実験「{key}」は動いていません。{state}", "The experiment “{key}” is not running. {state}"),
        Words("実験を始めるか、ルールから外してください。", "Start it, or take it out of the rule."),
    ),
}


@dataclass(slots=True)
class Notebook:
    """Collects advice; each said once."""

    found: dict[Advice, None] = field(default_factory=dict)

    def add(
        self, place: str, code: str, rule_key: str | None, *, ja: Mapping[str, object], en: Mapping[str, object]
    ) -> None:
        """Add advice; `ja` and `en` fill the blanks of its sentences."""
        severity, words, todo = ADVICE[code]
        told = words.ja.format(**ja).strip(), words.en.format(**en).strip()
        self.found[Advice(place, code, severity, *told, todo.ja, todo.en, rule_key)] = None

    def say(self, place: str, code: str, rule_key: str | None, **values: Words | object) -> None:
        """The same with values that are words of both languages, or the same in both."""
        ja = {name: value.ja if isinstance(value, Words) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Words) else value for name, value in values.items()}
        self.add(place, code, rule_key, ja=ja, en=en)
