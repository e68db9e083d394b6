"""What is wrong with a draft and what a colleague would say, each with its place in the document and plain words."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.advice.advice import Advice
from personalization.facts.catalogue import find_fact
from personalization.problems import Problem
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.rules.value_kinds import find_fact_kind, find_parameter_kind
from warehouse_ui.rules.value_lists import CHECKED, find_known

RULES: Final = "$.rules"
# The last words of a place and the code → what to do there, said to a person instead of about a document.
_SAYINGS: Final[Sequence[tuple[str, str, str]]] = (
    (r"\.when\.(all|any)$", "empty_value", mark("条件を1つ以上足してください。すべての出荷なら、そう選べます。")),
    (r"\.(all|any)$", "empty_value", mark("この囲みに、条件を1つ以上足してください。")),
    (r"\.then$", "empty_value", mark("することを1つ以上足してください。")),
    (r"\.name$", "missing_key", mark("ルールの名前を入力してください。")),
    (r"\.name\.ja$", "empty_value", mark("日本語の名前を入力してください。")),
    (r"\.name\.en$", "empty_value", mark("英語の名前を入力してください。")),
    (r"\.with(\.\w+)?$", "missing_key", mark("何についてか、選んでください。")),
    (r"\.then\[\d+\]$", "missing_key", mark("まだ決まっていないところがあります。選ぶか、入力してください。")),
    (r"", "missing_key", mark("値を選ぶか、入力してください。")),
    (r"\.(text|reason|slots)\b.*\.ja$", "empty_value", mark("日本語の文を入力してください。")),
    (r"\.(text|reason|slots)\b.*\.en$", "empty_value", mark("英語の文を入力してください。")),
    (r"", "empty_value", mark("選ぶか、入力してください。")),
    (r"", "slot_needed", mark("この文がないと、お手紙を印刷できません。")),
)
_KIND_WORDS: Final[Mapping[str, str]] = {
    "products": mark("「%(name)s」という商品（SKU）は登録されていません。綴りを確かめてください。"),
    "categories": mark("「%(name)s」というカテゴリの商品はありません。綴りを確かめてください。"),
    "customer_tags": mark("「%(name)s」というタグの付いたお客様は、まだいません。"),
    "prefectures": mark("「%(name)s」という都道府県はありません。"),
}


def show_problem(problem: Problem) -> dict[str, str]:
    return {"place": problem.place, "code": problem.code, "text": tell_problem(problem)}


def show_advice(advice: Advice) -> dict[str, str]:
    japanese = get_language() == "ja"
    return {
        "place": advice.place,
        "code": advice.code,
        "severity": advice.severity,
        "text": advice.ja if japanese else advice.en,
        "todo": advice.todo_ja if japanese else advice.todo_en,
    }


def tell_problem(problem: Problem) -> str:
    for ending, code, saying in _SAYINGS:
        if code == problem.code and re.search(ending, problem.place):
            return gettext(saying)
    return problem.ja if get_language() == "ja" else problem.en


def find_unknown_names(session: Session, shop_id: UUID, document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a warning for each product, category, tag or prefecture that the shop does not have, at its place."""
    named: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for place, kind, name in _walk_names(document):
        named[kind].append((place, name))
    found = []
    for kind, places in named.items():
        known = find_known(session, shop_id, kind, sorted({name for _, name in places}))
        found += [_warn(place, kind, name) for place, name in places if name not in known]
    return found


def _warn(place: str, kind: str, name: str) -> dict[str, str]:
    return {
        "place": place,
        "code": f"unknown_{kind}",
        "severity": "warning",
        "text": gettext(_KIND_WORDS[kind]) % {"name": name},
        "todo": "",
    }


def _walk_names(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    rules = document.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, dict):
            yield from _walk_condition(rule.get("when"), f"{RULES}[{number}].when")


def _walk_condition(node: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield (place, kind of list, name). A draft may be anything: what is no condition is passed over."""
    if not isinstance(node, dict):
        return
    for join in ("all", "any"):
        for number, part in enumerate(node[join] if isinstance(node.get(join), list) else []):
            yield from _walk_condition(part, f"{place}.{join}[{number}]")
    yield from _walk_condition(node.get("not"), f"{place}.not")
    if isinstance(node.get("fact"), str):
        yield from _walk_comparison(node, place)


def _walk_comparison(node: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str]]:
    fact = find_fact(node["fact"])
    if fact is None:
        return
    if node.get("op") not in ("contains", "starts_with"):
        yield from _walk_value(find_fact_kind(fact), node.get("value"), f"{place}.value")
    given = node.get("with")
    for parameter in fact.parameters if isinstance(given, dict) else ():
        value = given.get(parameter.key) if isinstance(given, dict) else None
        yield from _walk_value(find_parameter_kind(fact, parameter), value, f"{place}.with.{parameter.key}")


def _walk_value(kind: str | None, value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    if kind not in CHECKED:
        return
    names = value if isinstance(value, list) else [value]
    yield from ((place, kind, name) for name in names if isinstance(name, str) and name)
