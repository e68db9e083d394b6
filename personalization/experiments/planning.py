"""A plan as JSON: read strictly, every mistake with its place. Format: docs/experiments.md."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from personalization.experiments.assigning import HELD_OUT, WHOLE
from personalization.experiments.models import ExperimentKind, Method, Metric
from personalization.experiments.outcomes import SHARES
from personalization.experiments.sizing import Question, size_fixed, size_watched
from personalization.problems import Problems
from personalization.reading import (
    read_between,
    read_both_languages,
    read_choice,
    read_key,
    read_list,
    read_object,
    read_texts,
    read_whole,
)

PROMOTED: Final = "promoted"  # the arm of the shop-wide hold-out that gets what it always got
REQUIRED: Final = ("key", "name", "arms", "holdout_share", "control", "baseline", "smallest_effect")
OPTIONAL: Final = (
    "kind", "question", "metric", "method", "window_days", "spread", "audience_share", "error_rate", "power",
)  # fmt: skip
MOST_ARMS: Final = 6
MOST_MONEY: Final = 100_000_000


def parse_plan(document: object, inserts: Collection[str], problems: Problems) -> dict[str, Any]:
    """Return the columns of an experiment; empty after adding at least one problem."""
    before = len(problems.found)
    found = read_object(document, "$", problems, REQUIRED, OPTIONAL)
    if found is None:
        return {}
    name = read_both_languages(found["name"], "$.name", problems) or {"ja": "", "en": ""}
    values: dict[str, Any] = {
        "key": read_key(found["key"], "$.key", problems),
        "name_ja": name["ja"],
        "name_en": name["en"],
        "holdout_share": read_whole(found["holdout_share"], "$.holdout_share", problems, 0, WHOLE - 1),
        **_read_choices(found, problems),
        **_read_numbers(found, problems),
    }
    values["arms"] = _read_arms(found["arms"], inserts, problems)
    values["control"] = read_choice(
        found["control"], "$.control", problems, [a["key"] for a in values["arms"]] + [HELD_OUT]
    )
    if len(problems.found) == before:
        _check_together(values, problems)
    return values if len(problems.found) == before else {}


def _read_choices(found: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {"question": str(found.get("question") or "").strip()}
    if len(values["question"]) > 1000:
        problems.add("$.question", "too_long", limit=1000)
    choices = (("kind", ExperimentKind, "rules"), ("metric", Metric, "repeat"), ("method", Method, "watched"))
    for key, kind, default in choices:
        word = read_choice(found.get(key, default), f"$.{key}", problems, [str(member) for member in kind])
        values[key] = None if word is None else kind(word)
    return values


def _read_numbers(found: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {
        "window_days": read_whole(found.get("window_days", 60), "$.window_days", problems, 1, 730)
    }
    is_share = found.get("metric", "repeat") != Metric.REVENUE
    highest = 1 if is_share else MOST_MONEY
    values["baseline"] = read_between(found["baseline"], "$.baseline", problems, 0, highest)
    values["smallest_effect"] = read_between(found["smallest_effect"], "$.smallest_effect", problems, 0, highest)
    values["audience_share"] = read_between(found.get("audience_share", 1), "$.audience_share", problems, 0.0001, 1)
    values["error_rate"] = read_between(found.get("error_rate", 0.05), "$.error_rate", problems, 0.001, 0.2)
    values["power"] = read_between(found.get("power", 0.8), "$.power", problems, 0.5, 0.99)
    spread = None if is_share else found.get("spread")
    if not is_share:
        spread = read_between(spread, "$.spread", problems, 0, MOST_MONEY)
        if spread == 0:
            problems.add("$.spread", "empty_value")
    if values["smallest_effect"] == 0:
        problems.add("$.smallest_effect", "empty_value")
    return {**values, "spread": spread}


def _read_arms(document: object, inserts: Collection[str], problems: Problems) -> list[dict[str, Any]]:
    members = read_list(document, "$.arms", problems, MOST_ARMS) or []
    arms = [_read_arm(member, f"$.arms[{index}]", inserts, problems) for index, member in enumerate(members)]
    seen: set[str] = set()
    for index, arm in enumerate(arms):
        if arm["key"] in seen or arm["key"] == HELD_OUT:
            problems.add(f"$.arms[{index}].key", "duplicate_key", key=arm["key"])
        seen.add(arm["key"])
    return arms


def _read_arm(document: object, place: str, inserts: Collection[str], problems: Problems) -> dict[str, Any]:
    found = read_object(document, place, problems, ("key", "name", "share"), ("inserts",)) or {}
    name = read_both_languages(found.get("name"), f"{place}.name", problems) or {"ja": "", "en": ""}
    named = read_texts(found["inserts"], f"{place}.inserts", problems, 20) if found.get("inserts") else []
    for key in named or []:
        if key not in inserts:
            problems.add(f"{place}.inserts", "unknown_insert", key=key)
    return {
        "key": read_key(found.get("key"), f"{place}.key", problems) or "",
        "name_ja": name["ja"],
        "name_en": name["en"],
        "share": read_whole(found.get("share"), f"{place}.share", problems, 1, WHOLE) or 0,
        "inserts": named or [],
    }


def _check_together(values: Mapping[str, Any], problems: Problems) -> None:
    total = sum(arm["share"] for arm in values["arms"]) + values["holdout_share"]
    if total != WHOLE:
        problems.add("$.arms", "shares_do_not_add_up", total=f"{total / 100:g}")
    groups = len(values["arms"]) + (values["holdout_share"] > 0)
    if groups < 2 or (values["control"] == HELD_OUT and values["holdout_share"] == 0):
        problems.add("$.control", "nothing_to_compare")
    if values["metric"] in SHARES and not 0 < values["baseline"] < 1:
        problems.add("$.baseline", "not_a_share")
    if values["kind"] is ExperimentKind.SHOP_HOLDOUT and [arm["key"] for arm in values["arms"]] != [PROMOTED]:
        problems.add("$.arms", "unknown_choice", value="*", allowed=PROMOTED)


def list_compared(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the groups that are compared with the control: every other arm, and the held-out ones if there are any."""
    groups = [arm["key"] for arm in plan["arms"]] + ([HELD_OUT] if plan["holdout_share"] else [])
    return tuple(key for key in groups if key != plan["control"])


def make_question(plan: Mapping[str, Any]) -> Question:
    """Return what sample sizes are reckoned from: the control against the smallest of the other groups."""
    shares = {arm["key"]: arm["share"] for arm in plan["arms"]} | {HELD_OUT: plan["holdout_share"]}
    compared = list_compared(plan)
    return Question(
        baseline=plan["baseline"],
        effect=plan["smallest_effect"],
        spread=plan["spread"],
        control=shares[plan["control"]] / WHOLE,
        arm=min(shares[key] for key in compared) / WHOLE,
        arms=len(compared),
        error_rate=plan["error_rate"],
        power=plan["power"],
    )


def find_size(plan: Mapping[str, Any]) -> int:
    """Return how many customers in all groups together the plan needs."""
    question = make_question(plan)
    return size_watched(question) if plan["method"] is Method.WATCHED else size_fixed(question)
