"""Results in plain words: figures as people say them, what an interval means, what may be concluded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_decimal

from personalization.experiments.assigning import HELD_OUT
from personalization.experiments.comparing import Verdict
from personalization.experiments.costs import BreakEven
from personalization.experiments.intervals import Interval
from personalization.experiments.models import Experiment, Method, Metric
from personalization.experiments.outcomes import SHARES
from personalization.experiments.results import ArmCost, MetricResult, Result
from warehouse_ui.i18n import get_language, gettext, mark

VERDICTS: Final = {
    Verdict.BETTER: mark("「%(arm)s」のほうが良い結果です。偶然では説明できません。"),
    Verdict.WORSE: mark("「%(arm)s」のほうが悪い結果です。偶然では説明できません。"),
    Verdict.NO_DIFFERENCE: mark("「%(arm)s」と比較相手の差は見つかりませんでした。"),
    Verdict.NOT_YET: mark("「%(arm)s」については、まだ判断できません。"),
}


def name_arms(experiment: Experiment) -> dict[str, str]:
    """Return what each arm is called in the reader's language, the held-out ones included."""
    language = get_language()
    names = {arm["key"]: arm[f"name_{language}"] for arm in experiment.arms}
    return names | {HELD_OUT: gettext("対照群（入れない）")}


def say_number(value: float, digits: int = 1) -> str:
    return str(format_decimal(round(value, digits), format=f"#,##0.{'#' * digits}", locale=get_language()))


def say_value(value: float, metric: Metric) -> str:
    """Return 32.1% or ¥1,234."""
    if not math.isfinite(value):
        return "—"
    return f"{say_number(value * 100)}%" if metric in SHARES else f"¥{say_number(value, 0)}"


def say_difference(value: float, metric: Metric) -> str:
    """Return +4.1 points or +¥320, always with its sign."""
    if not math.isfinite(value):
        return "—"
    sign = "−" if value < 0 else "+"
    if metric in SHARES:
        return gettext("%(value)sポイント") % {"value": f"{sign}{say_number(abs(value) * 100)}"}
    return f"{sign}¥{say_number(abs(value), 0)}"


def say_range(interval: Interval, metric: Metric, *, difference: bool = False) -> str:
    say = say_difference if difference else say_value
    if not math.isfinite(interval.low):
        return gettext("まだ言えません")
    return gettext("%(low)s 〜 %(high)s") % {"low": say(interval.low, metric), "high": say(interval.high, metric)}


def say_level(result: Result) -> str:
    """Say what the intervals mean, in one sentence."""
    percent = say_number((1 - result.design.error_rate) * 100, 1)
    if result.design.method is Method.WATCHED:
        text = gettext("毎日見ても、本当の差はこの範囲に%(percent)s%%以上の確からしさで入っています。")
    else:
        text = gettext(
            "予定の人数に達した日に一度だけ見るとき、本当の差はこの範囲に%(percent)s%%の確からしさで入っています。"
        )
    return text % {"percent": percent}


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    arm: str
    difference: str
    interval: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    arm: str
    size: str
    value: str
    interval: str
    packed_size: str
    packed_value: str
    packed_interval: str


def describe_outcomes(result: MetricResult, names: Mapping[str, str]) -> list[OutcomeRow]:
    metric = result.metric
    return [
        OutcomeRow(
            names[each.arm],
            say_number(each.size, 0),
            say_value(each.value.estimate, metric) if each.size else "—",
            say_range(each.value, metric) if each.size else "—",
            say_number(each.packed_size, 0),
            say_value(each.packed_value.estimate, metric) if each.packed_size else "—",
            say_range(each.packed_value, metric) if each.packed_size else "—",
        )
        for each in result.arms
    ]


def describe_comparisons(found: MetricResult, result: Result, names: Mapping[str, str]) -> list[ComparisonRow]:
    watched = result.design.method is Method.WATCHED
    return [
        ComparisonRow(
            names[each.arm],
            say_difference(each.fixed.estimate, found.metric),
            say_range(each.watched if watched else each.fixed, found.metric, difference=True),
        )
        for each in found.comparisons
    ]


def describe_verdicts(result: Result, names: Mapping[str, str]) -> list[str]:
    return [gettext(VERDICTS[verdict]) % {"arm": names[arm]} for arm, verdict in result.verdicts.items()]


def describe_stopping(result: Result) -> str:
    """Say whether it may be stopped, and if not, when one looks again."""
    if result.may_stop:
        return gettext("終了してかまいません。待っても結論は変わりません。")
    if result.design.method is Method.FIXED:
        text = gettext(
            "まだ終了できません。観察が終わったお客様が%(planned)s人になるまで待ってください（今は%(observed)s人）。"
        )
    else:
        text = gettext(
            "まだ終了できません。今のところ、差があるともないとも言えません（観察が終わったのは%(observed)s人）。"
        )
    return text % {"planned": say_number(result.design.planned_size, 0), "observed": say_number(result.observed, 0)}


@dataclass(frozen=True, slots=True)
class CostRow:
    arm: str
    parcels: str
    per_customer: str
    break_even: str
    net: str
    conclusion: str


def describe_costs(costs: Sequence[ArmCost], names: Mapping[str, str]) -> list[CostRow]:
    return [
        CostRow(
            names[each.arm],
            say_number(each.parcels, 0),
            say_money(each.per_customer),
            say_break_even(each.break_even),
            say_range(each.net, Metric.REVENUE, difference=True) if each.net is not None else "—",
            _conclude(each.net),
        )
        for each in costs
    ]


def say_money(value: float) -> str:
    """Return an amount of a few yen with its fraction: an insert costs 23.4 yen."""
    return f"¥{say_number(value, 1)}"


def say_break_even(found: BreakEven) -> str:
    if found.revenue is not None and found.revenue <= 0:
        return "—"
    if found.revenue is None:
        return gettext("粗利率が0のため計算できません")
    if found.repeat is None:
        return gettext("お客様1人あたり売上+%(revenue)s") % {"revenue": say_money(found.revenue)}
    words = gettext("お客様1人あたり売上+%(revenue)s、または再購入率+%(points)sポイント")
    return words % {"revenue": say_money(found.revenue), "points": say_number(found.repeat * 100, 2)}


def _conclude(net: Interval | None) -> str:
    if net is None or not math.isfinite(net.low) or not net.excludes_zero:
        return gettext("採算はまだ分かりません")
    return gettext("採算が取れています") if net.low > 0 else gettext("費用のほうが大きいです")


def say_tick(value: float, metric: Metric) -> str:
    """Return a figure beside a chart: as short as it can be."""
    return f"{say_number(value * 100)}" if metric in SHARES else say_number(value, 0)
