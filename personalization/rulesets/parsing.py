"""From JSON to a ruleset document. Every mistake is reported with its JSON path."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from crm_link.kinds import Purpose
from personalization.conditions.parsing import parse_condition
from personalization.facts.question import Audience
from personalization.plan import ActionKind
from personalization.problems import Problems
from personalization.reading import (
    read_between,
    read_boolean,
    read_both_languages,
    read_choice,
    read_date,
    read_key,
    read_list,
    read_object,
    read_whole,
)
from personalization.rulesets.actions import parse_action
from personalization.rulesets.ruleset import Action, BoxLimits, ExperimentArm, GiftPolicy, Limit, Rule, RulesetDocument

FORMAT = 1
MAX_RULES = 1000
MAX_ACTIONS = 20
LARGEST = 1_000_000


def parse_ruleset(document: object, problems: Problems) -> RulesetDocument | None:
    """Return the ruleset, or None after adding at least one problem."""
    before = len(problems.found)
    found = read_object(document, "$", problems, ("format", "rules"), ("box",))
    if found is None:
        return None
    if found["format"] != FORMAT:
        problems.add("$.format", "unknown_format")
    members = read_list(found["rules"], "$.rules", problems, MAX_RULES) or []
    rules = [_parse_rule(member, f"$.rules[{index}]", problems) for index, member in enumerate(members)]
    _check_keys(rules, problems)
    box = _parse_box(found.get("box", {}), "$.box", problems)
    if len(problems.found) > before:
        return None
    return RulesetDocument(tuple(rule for rule in rules if rule is not None), box)


def _check_keys(rules: list[Rule | None], problems: Problems) -> None:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule is not None and rule.key in seen:
            problems.add(f"$.rules[{index}].key", "duplicate_key", key=rule.key)
        if rule is not None:
            seen.add(rule.key)


def _parse_box(document: object, place: str, problems: Problems) -> BoxLimits:
    found = read_object(document, place, problems, (), ("pieces", "grams", "millimetres", "cost")) or {}
    values: dict[str, Any] = {}
    for key in found:
        if key in ("pieces", "cost"):
            values[key] = read_whole(found[key], f"{place}.{key}", problems, 0, LARGEST)
        elif key in ("grams", "millimetres"):
            values[key] = read_between(found[key], f"{place}.{key}", problems, 0, LARGEST)
    return BoxLimits(**values)


def _parse_rule(document: object, place: str, problems: Problems) -> Rule | None:
    before = len(problems.found)
    found = read_object(document, place, problems, ("key", "name", "when", "then"), (*_OPTIONS, "valid"))
    if found is None:
        return None
    values: dict[str, Any] = {
        "key": read_key(found["key"], f"{place}.key", problems),
        "name": read_both_languages(found["name"], f"{place}.name", problems),
        "when": parse_condition(found["when"], f"{place}.when", problems),
        "then": _parse_actions(found["then"], f"{place}.then", problems),
        **_parse_options(found, place, problems),
    }
    return Rule(**values) if len(problems.found) == before else None


def _parse_actions(document: object, place: str, problems: Problems) -> tuple[Action, ...]:
    members = read_list(document, place, problems, MAX_ACTIONS) or []
    actions = [parse_action(member, f"{place}[{index}]", problems) for index, member in enumerate(members)]
    seen: set[str] = set()
    for action in actions:
        if action is None or action.insert_key is None:
            continue
        if action.insert_key in seen:
            problems.add(action.place, "insert_twice", key=action.insert_key)
        seen.add(action.insert_key)
    coupons = [action for action in actions if action is not None and action.kind is ActionKind.COUPON]
    for action in coupons[1:]:
        problems.add(action.place, "coupon_twice")
    return tuple(action for action in actions if action is not None)


def _parse_options(found: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, read in _OPTIONS.items():
        if key in found:
            values[key] = read(found[key], f"{place}.{key}", problems)
    if "valid" in found:
        values.update(_parse_valid(found["valid"], f"{place}.valid", problems))
    return values


def _parse_audience(document: object, place: str, problems: Problems) -> Audience | None:
    word = read_choice(document, place, problems, [str(member) for member in Audience])
    return None if word is None else Audience(word)


def _parse_gifts(document: object, place: str, problems: Problems) -> GiftPolicy | None:
    word = read_choice(document, place, problems, [str(member) for member in GiftPolicy])
    return None if word is None else GiftPolicy(word)


def _parse_experiment(document: object, place: str, problems: Problems) -> ExperimentArm | None:
    found = read_object(document, place, problems, ("key", "arm"))
    if found is None:
        return None
    key, arm = (read_key(found[name], f"{place}.{name}", problems) for name in ("key", "arm"))
    return None if key is None or arm is None else ExperimentArm(key, arm)


def _parse_purposes(document: object, place: str, problems: Problems) -> frozenset[str]:
    members = read_list(document, place, problems, len(Purpose)) or []
    allowed = [str(purpose) for purpose in Purpose]
    found = [read_choice(member, f"{place}[{index}]", problems, allowed) for index, member in enumerate(members)]
    return frozenset(purpose for purpose in found if purpose is not None)


def _parse_limits(document: object, place: str, problems: Problems) -> tuple[Limit, ...]:
    members = read_list(document, place, problems, 10) or []
    limits = [_parse_limit(member, f"{place}[{index}]", problems) for index, member in enumerate(members)]
    return tuple(limit for limit in limits if limit is not None)


def _parse_limit(document: object, place: str, problems: Problems) -> Limit | None:
    if isinstance(document, dict) and "overall" in document:
        read_object(document, place, problems, ("overall",))
        count = read_whole(document["overall"], f"{place}.overall", problems, 1, LARGEST)
        return None if count is None else Limit(count, per_customer=False)
    found = read_object(document, place, problems, ("per_customer",), ("within_days",))
    if found is None:
        return None
    count = read_whole(found["per_customer"], f"{place}.per_customer", problems, 1, 1000)
    days = None
    if "within_days" in found:
        days = read_whole(found["within_days"], f"{place}.within_days", problems, 1, 3650)
    return None if count is None else Limit(count, per_customer=True, within_days=days)


def _parse_valid(document: object, place: str, problems: Problems) -> dict[str, Any]:
    found = read_object(document, place, problems, (), ("from", "until"))
    if not found:
        if found is not None:
            problems.add(place, "empty_value")
        return {}
    days = {key: read_date(found[key], f"{place}.{key}", problems) for key in found if key in ("from", "until")}
    first, last = days.get("from"), days.get("until")
    if first is not None and last is not None and first > last:
        problems.add(place, "impossible_range")
    return {"valid_from": first, "valid_until": last}


_OPTIONS: Final[Mapping[str, Callable[[object, str, Problems], Any]]] = {
    "enabled": read_boolean,
    "audience": _parse_audience,
    "gifts": _parse_gifts,
    "purposes": _parse_purposes,
    "limits": _parse_limits,
    "group": read_key,
    "experiment": _parse_experiment,
}
