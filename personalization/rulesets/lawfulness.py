"""What a ruleset may not do by law, as far as it can be seen before any order: gifts dearer than any order of the rule
allows, and letters that a service may not carry. Pure.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final

from orders.kinds import LetterClass
from personalization.conditions.ranges import find_interval
from personalization.conditions.tree import All, Any, Comparison, Condition, Not
from personalization.insert_info import Inserts
from personalization.law import GiftLimit, Law
from personalization.models import InsertKind
from personalization.problems import Problems
from personalization.rulesets.catalogue import ServiceInfo, is_carried
from personalization.rulesets.ruleset import Action, Rule

SERVICE_FACT: Final = "order.delivery_service"
TOTAL_FACT: Final = "order.goods_total"
_INF: Final = float("inf")
LETTER_WORDS: Final = {
    LetterClass.NONE: ("信書でないもの", "no letter"),
    LetterClass.COVER_NOTE: ("添え状・送り状", "cover note"),
    LetterClass.CORRESPONDENCE: ("信書", "correspondence"),
}


def find_services(condition: Condition, services: AbstractSet[str]) -> frozenset[str]:
    """Return the services under which the condition may be true, as far as it speaks of them; never too few."""
    everything = frozenset(services)
    match condition:
        case Comparison(fact, op, operand) if fact == SERVICE_FACT:
            return _match_services(op, operand, everything)
        case All(parts):
            return frozenset.intersection(*(find_services(part, services) for part in parts))
        case Any(parts):
            return frozenset.union(*(find_services(part, services) for part in parts))
        case Not(Comparison(fact, op, operand)) if fact == SERVICE_FACT and op in ("equals", "one_of"):
            return everything - _match_services(op, operand, everything)
    return everything


def _match_services(op: str, operand: object, everything: frozenset[str]) -> frozenset[str]:
    listed = operand if isinstance(operand, frozenset) else frozenset({str(operand)})
    match op:
        case "equals" | "one_of":
            return everything & listed
        case "not_equals" | "none_of":
            return everything - listed
    return everything


def find_total_range(condition: Condition) -> tuple[float, float]:
    """Return between which goods totals the condition may be true; never too narrow."""
    match condition:
        case Comparison(fact) if fact == TOTAL_FACT:
            interval = find_interval(condition)
            return (0, _INF) if interval is None else (max(0, interval[0]), interval[1])
        case All(parts):
            ranges = [find_total_range(part) for part in parts]
            return max(low for low, _ in ranges), min(high for _, high in ranges)
        case Any(parts):
            ranges = [find_total_range(part) for part in parts]
            return min(low for low, _ in ranges), max(high for _, high in ranges)
    return 0, _INF


@dataclass(frozen=True, slots=True)
class Gifts:
    """The free gifts of one rule: where the first one stands, and what all are worth together."""

    place: str
    names: Sequence[tuple[str, str]]
    value: int

    def words(self, limit: GiftLimit, least: int | None) -> dict[str, object]:
        return {
            "gift_ja": "、".join(ja for ja, _ in self.names),
            "gift_en": ", ".join(en for _, en in self.names),
            "value": self.value,
            "least": "—" if least is None else f"{least:,}",
            "flat": limit.flat,
            "source": limit.source,
        }


def find_gifts(rule: Rule, inserts: Inserts) -> Gifts | None:
    """Return the gifts that the rule encloses; None without any. Samples and coupons of one's own are none."""
    found = [
        (action, insert)
        for _, action in rule.physical
        if (insert := inserts.get(action.insert_key or "")) is not None and insert.kind is InsertKind.GIFT
    ]
    if not found:
        return None
    value = sum(insert.market_value * action.quantity for action, insert in found)
    return Gifts(found[0][0].place, [(insert.name_ja, insert.name_en) for _, insert in found], value)


def check_gift_law(rule: Rule, inserts: Inserts, law: Law, today: date, problems: Problems) -> None:
    """Refuse gifts that no order for which the rule may fire is large enough for."""
    for gifts, limit, least, (_, high) in _judge_gifts(rule, inserts, law, today):
        if least is None or least > high:
            excess = gifts.value - (limit.flat if high == _INF else limit.for_transaction(high))
            problems.add(f"{gifts.place}.insert", "gift_never_lawful", excess=excess, **gifts.words(limit, least))


def advise_gift_law(rule: Rule, inserts: Inserts, law: Law, today: date, problems: Problems) -> None:
    """Say from which total on the gifts are lawful, where the rule may fire below it; and which have no value."""
    for gifts, limit, least, (low, high) in _judge_gifts(rule, inserts, law, today):
        if gifts.value == 0:
            problems.add(f"{gifts.place}.insert", "gift_without_value", **gifts.words(limit, least))
        elif least is not None and low < least <= high:
            excess = gifts.value - limit.for_transaction(low)
            problems.add(f"{gifts.place}.insert", "gift_from_total", excess=excess, **gifts.words(limit, least))


def _judge_gifts(
    rule: Rule, inserts: Inserts, law: Law, today: date
) -> Iterator[tuple[Gifts, GiftLimit, int | None, tuple[float, float]]]:
    gifts = find_gifts(rule, inserts)
    if gifts is not None:
        limit = law.find_gift_limit(max(today, rule.valid_from or today))
        yield gifts, limit, limit.find_least_transaction(gifts.value), find_total_range(rule.when)


@dataclass(frozen=True, slots=True)
class Letter:
    """A printed thing, as its operator classed it."""

    name: str
    letter_class: LetterClass
    sealed: bool


def check_letter_law(
    rule: Rule, action: Action, place: str, letter: Letter, services: Sequence[ServiceInfo], problems: Problems
) -> None:
    """Refuse a letter that a service of the rule may not carry, naming those that would."""
    possible = find_services(rule.when, {service.key for service in services})
    refusing = [s for s in services if s.key in possible and not is_carried(s, letter.letter_class, letter.sealed)]
    if not refusing:
        return
    carrying = [s.name for s in services if is_carried(s, letter.letter_class, letter.sealed)]
    ja, en = LETTER_WORDS[letter.letter_class]
    problems.add(
        f"{action.place}.{place}",
        "letter_not_carried",
        item=letter.name,
        class_ja=f"封をした{ja}" if letter.sealed else ja,
        class_en=f"sealed {en}" if letter.sealed else en,
        service="、".join(service.name for service in refusing),
        carrying_ja="、".join(carrying) or "なし",
        carrying_en=", ".join(carrying) or "none",
    )
