"""The commonest rules, prepared once for many parcels: one thing goes in, tags, words, with a group and limits.

A shortcut goes the whole way or none of it: whatever is not plain it leaves to `Parcel.propose`, which says why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from personalization.columns import Column
from personalization.facts.question import Question
from personalization.insert_info import InsertInfo, Inserts
from personalization.models import WhenOut
from personalization.plan import ActionKind, Chosen
from personalization.resolver.enclosing import Obstacle, find_excess, find_obstacle, find_shortage
from personalization.resolver.parcel import Parcel, get_choice, lose_repeated, make_enclosure
from personalization.resolver.wording import speak
from personalization.rulesets.placeholders import list_facts
from personalization.rulesets.ruleset import Action, Rule

Shortcut = Callable[[Parcel], bool]
# Several rules may say the same of these; a message takes its slot for itself.
SHARED_WORDS = frozenset({ActionKind.TAG, ActionKind.FLAG})


@dataclass
class Shortcuts:
    """`rules` are those in force; each is prepared when a parcel first meets it."""

    rules: Sequence[Rule]
    inserts: Inserts
    _made: dict[int, Shortcut | None] = field(default_factory=dict)

    def propose(self, parcel: Parcel, index: int) -> None:
        """Let the rule act, by its shortcut where it has one and nothing is in its way."""
        if index in self._made:
            shortcut = self._made[index]
        else:
            shortcut = self._made[index] = make_shortcut(self.rules[index], self.inserts)
        if shortcut is None or not shortcut(parcel):
            parcel.propose(self.rules[index])


def make_shortcut(rule: Rule, inserts: Inserts) -> Shortcut | None:
    """Return what tells whether the rule has acted; None for a rule that is not of the common kind."""
    if not all(_is_said_once(action) for _, action in rule.choices):
        return None
    if not rule.physical:
        return _say_only(rule)
    index, action = rule.physical[0]
    insert = inserts.get(action.insert_key or "")
    if insert is None or len(rule.physical) > 1 or index != 0 or _list_slots(rule):
        return None
    return _enclose(rule, action, insert)


def _is_said_once(action: Action) -> bool:
    """Whether it is a tag, a flag or one text."""
    if action.kind is ActionKind.MESSAGE:
        return not action.slots and action.text is not None
    return action.kind in SHARED_WORDS


def _list_slots(rule: Rule) -> list[tuple[str, str]]:
    return [get_choice(action) for _, action in rule.choices if action.kind is ActionKind.MESSAGE]


def _enclose(rule: Rule, action: Action, insert: InsertInfo) -> Shortcut:
    key, quantity, is_alone = insert.key, action.quantity, not rule.choices
    words = _say(rule, {}, 0) or []
    chosen = [make_enclosure(rule.key, 0, action.kind, key, quantity, None), *words]
    is_counted = bool(rule.limits) or rule.group is not None
    is_recorded = is_counted or insert.limit_per_customer is not None
    has_substitute = insert.when_out is WhenOut.SUBSTITUTE
    find = _prepare_search(rule, insert, quantity)

    def act(parcel: Parcel) -> bool:
        is_repeated = key in parcel.load.quantities
        if parcel.is_special or (is_repeated and not is_alone):
            return False
        if is_counted and parcel.is_kept_out(rule):
            return True
        before = len(parcel.fired)
        if is_repeated:
            parcel.lost.append(lose_repeated(rule.key, key))
        elif (obstacle := find(parcel)) is None:
            parcel.put_all(insert, quantity, chosen)
        elif has_substitute:
            return False
        else:
            parcel.give_up(rule, 0, action, obstacle)
            return True
        if is_recorded:
            parcel.record_use(rule, before)
        return True

    return act


def _prepare_search(rule: Rule, insert: InsertInfo, quantity: int) -> Callable[[Parcel], Obstacle | None]:
    """Return what finds the first thing that keeps the insert out of a parcel without care flags."""

    def find_plain(parcel: Parcel) -> Obstacle | None:
        around = parcel.around
        excess = find_excess(insert, quantity, parcel.load, around.box) if parcel.is_limited else None
        return excess or find_shortage(insert, quantity, around)

    def find_any(parcel: Parcel) -> Obstacle | None:
        return find_obstacle(insert, quantity, parcel.load, parcel.around, parcel.find_person(rule))

    return find_plain if insert.is_plain else find_any


def _say_only(rule: Rule) -> Shortcut:
    group, slots = rule.group, _list_slots(rule)
    # What is the same for everybody is one value; what tells of facts is written for each parcel.
    is_same = not any(list_facts(text) for _, action in rule.choices for text in action.texts())
    fixed = _say(rule, {}, 0) if is_same else None
    is_twice = len(set(slots)) < len(slots)

    def act(parcel: Parcel) -> bool:
        is_taken = any(slot in parcel.takers for slot in slots)
        if is_twice or is_taken or parcel.is_special or (group is not None and group in parcel.groups):
            return False
        if rule.limits and parcel.find_limit(rule) is not None:
            return False
        chosen = fixed if is_same else _say(rule, parcel.batch.columns, parcel.row)
        if chosen is None:
            return False
        parcel.takers.update(dict.fromkeys(slots, rule.key))
        before = len(parcel.fired)
        parcel.fired += chosen
        parcel.record_use(rule, before)
        return True

    return act


def _say(rule: Rule, columns: Mapping[Question, Column], row: int) -> list[Chosen] | None:
    """Return all that the rule says of a parcel; None where it would tell what nobody knows."""
    said = [speak(rule, index, action, columns, row) for index, action in rule.choices]
    known = [each for each in said if each is not None]
    return known if len(known) == len(said) else None
