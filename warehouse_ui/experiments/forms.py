"""The plan of an experiment as a form: fixed rows for arms, percent signs for people, and back."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.datastructures import FormData

from personalization.experiments.models import Experiment, Metric
from personalization.experiments.planning import MOST_ARMS, PROMOTED
from personalization.experiments.queries import Habits
from personalization.experiments.service import to_document
from personalization.problems import Problem
from warehouse_ui.forms import name_problems, read_text, to_number
from warehouse_ui.i18n import gettext, mark

ROWS: Final = 3  # shown at least
SHOP_WIDE: Final = "shop_holdout"


def read_decimal(text: str) -> float | str | None:
    """Return the number; what is none stays as it is, so that the check can name it."""
    number = to_number(text)
    return float(number) if isinstance(number, int) else number


def _scale(value: float | str | None, factor: float) -> float | str | None:
    return round(value / factor, 10) if isinstance(value, float) else value


def _share(text: str) -> int | str | None:
    """Return a percentage in hundredths of a percent."""
    value = read_decimal(text)
    return round(value * 100) if isinstance(value, float) else value


def read_plan(form: FormData, habits: Habits | None = None) -> dict[str, Any]:
    """Return the plan in the format of docs/experiments.md; an empty baseline is what the shop is used to."""
    metric = read_text(form, "metric")
    is_share = metric != Metric.REVENUE
    factor = 100.0 if is_share else 1.0
    kind = read_text(form, "kind") or "rules"
    plan: dict[str, Any] = {
        "key": read_text(form, "key"),
        "name": {"ja": read_text(form, "name-ja"), "en": read_text(form, "name-en")},
        "question": read_text(form, "question"),
        "kind": kind,
        "metric": metric,
        "method": read_text(form, "method"),
        "control": _read_control(form),
        "holdout_share": _share(read_text(form, "holdout")) or 0,
        "arms": _read_arms(form),
        "window_days": to_number(read_text(form, "window_days")),
        "baseline": _scale(read_decimal(read_text(form, "baseline")), factor),
        "smallest_effect": _scale(read_decimal(read_text(form, "smallest_effect")), factor),
        "audience_share": _scale(read_decimal(read_text(form, "audience_share") or "100"), 100.0),
        "spread": None if is_share else read_decimal(read_text(form, "spread")),
    }
    if kind == SHOP_WIDE and isinstance(plan["holdout_share"], int):
        rest = {
            "key": PROMOTED,
            "name": {"ja": "これまでどおり", "en": "As always"},
            "share": 10_000 - plan["holdout_share"],
        }
        plan |= {"arms": [rest], "control": "held_out"}
    return _fill(plan, habits) if habits is not None else plan


def _fill(plan: dict[str, Any], habits: Habits) -> dict[str, Any]:
    if plan["baseline"] is None and plan["metric"]:
        plan["baseline"] = round(float(getattr(habits, plan["metric"], 0.0)), 4)
    if plan["metric"] == Metric.REVENUE and plan["spread"] is None:
        plan["spread"] = round(habits.spread, 2)
    return plan


def _read_control(form: FormData) -> str:
    """Return the key of the group that is chosen: an arm by its row, or the held-out customers."""
    chosen = read_text(form, "control")
    return read_text(form, f"arm-{chosen}-key") if chosen.isdecimal() else chosen


def _read_arms(form: FormData) -> list[dict[str, Any]]:
    arms = []
    for row in range(MOST_ARMS):
        key, share = read_text(form, f"arm-{row}-key"), read_text(form, f"arm-{row}-share")
        if not key and not share:
            continue
        name = {"ja": read_text(form, f"arm-{row}-ja"), "en": read_text(form, f"arm-{row}-en")}
        insert = read_text(form, f"arm-{row}-insert")
        arms.append({"key": key, "name": name, "share": _share(share), "inserts": [insert] if insert else []})
    return arms


def show_plan(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form's inputs show for a plan, by their names."""
    factor = 1 if document.get("metric") == Metric.REVENUE else 100
    shown = {name: _trim(document.get(name), 1) for name in ("key", "question", "kind", "metric", "method", "control")}
    shown |= {"name-ja": document["name"].get("ja", ""), "name-en": document["name"].get("en", "")}
    shown |= {"holdout": _trim(document.get("holdout_share"), 0.01), "window_days": document.get("window_days", "")}
    shown |= {name: _trim(document.get(name), factor) for name in ("baseline", "smallest_effect")}
    shown |= {"audience_share": _trim(document.get("audience_share"), 100), "spread": _trim(document.get("spread"), 1)}
    for row, arm in enumerate(document.get("arms", [])):
        shown |= {"control": row} if arm["key"] == document.get("control") else {}
        shown |= {f"arm-{row}-key": arm["key"], f"arm-{row}-share": _trim(arm["share"], 0.01)}
        shown |= {f"arm-{row}-ja": arm["name"].get("ja", ""), f"arm-{row}-en": arm["name"].get("en", "")}
        shown[f"arm-{row}-insert"] = (arm.get("inserts") or [""])[0]
    return shown


def _trim(value: object, factor: float) -> object:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{round(value * factor, 6):g}" if abs(value * factor) < 1e6 else f"{round(value * factor)}"
    return value


def show_experiment(experiment: Experiment) -> dict[str, Any]:
    return show_plan(to_document(experiment))


NEW: Final[Mapping[str, Any]] = {
    "name": {},
    "kind": "rules",
    "metric": "repeat",
    "method": "watched",
    "control": "held_out",
    "holdout_share": 5000,
    "window_days": 60,
    "audience_share": 1,
    "arms": [{"key": "insert", "name": {"ja": "入れる", "en": "Enclosed"}, "share": 5000}],
}


_FIELDS: Final[Mapping[str, str]] = {
    "name.ja": mark("名前（日本語）"),
    "name.en": mark("名前（英語）"),
    "key": mark("識別名"),
    "share": mark("割合（%%）"),
    "inserts": mark("入れるもの（費用の計算用）"),
    "arms": mark("お客様の分け方"),
    "holdout_share": mark("対照群の割合（%%）"),
    "control": mark("比較の相手"),
    "metric": mark("比べるもの"),
    "window_days": mark("割り当てから何日間を見るか"),
    "baseline": mark("今の値（%%または円）"),
    "smallest_effect": mark("見つけたい差（ポイントまたは円）"),
    "spread": mark("売上のばらつき（円・標準偏差）"),
    "audience_share": mark("対象になるお客様（%%）"),
    "method": mark("判断のしかた"),
    "question": mark("知りたいこと"),
    "kind": mark("種類"),
}
_ARM: Final = re.compile(r"arms\[(\d+)\]\.?")


def name_field(place: str) -> str:
    """Return what the form calls a place of the plan; a place the form does not have stays as it is."""
    rest = place.removeprefix("$").removeprefix(".")
    arm = _ARM.match(rest)
    rest = rest[arm.end() :] if arm else rest
    field = _FIELDS.get(rest) or _FIELDS.get(rest.partition("[")[0])
    told = gettext(field) % {} if field else rest
    return f"{gettext('案%(number)s') % {'number': int(arm[1]) + 1}} {told}".strip() if arm else told


def tell(problems: Iterable[Problem]) -> list[str]:
    return name_problems(problems, name_field)


def read_costs(form: FormData, rows: int) -> dict[str, Any]:
    """Return the table of costs in the format of docs/experiments.md; empty rows of weights are left out."""
    steps = []
    for row in range(rows):
        up_to, price = read_text(form, f"step-{row}-g"), read_text(form, f"step-{row}-price")
        if up_to or price:
            steps.append({"up_to_g": to_number(up_to), "price": to_number(price)})
    return {
        "hourly_wage": to_number(read_text(form, "hourly_wage")),
        "seconds_per_piece": read_decimal(read_text(form, "seconds_per_piece")),
        "sheet_cost": read_decimal(read_text(form, "sheet_cost")),
        "margin": _scale(read_decimal(read_text(form, "margin")), 100.0),
        "tare_g": to_number(read_text(form, "tare_g") or "0"),
        "weight_steps": steps,
        "valid_from": read_text(form, "valid_from") or None,
        "source": read_text(form, "source"),
    }
