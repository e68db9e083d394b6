"""Plain parcels, rule by rule in order of priority, each for all rows at once: whole orders of persons without care
flags, for whom nothing that is owed is there. It chooses what `resolver/parcel.py` chooses for each of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orders.kinds import LetterClass
from personalization.facts.question import Audience, ask
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind, WhenOut
from personalization.plan import Chosen, Lost, Reason
from personalization.resolver.crowds.conditions import Conditions, Loads
from personalization.resolver.crowds.means import Means
from personalization.resolver.crowds.prepared import NOBODY, CrowdRule, Prepared, Saying, Thing
from personalization.resolver.enclosing import Obstacle, find_letter_obstacle, make_shortage
from personalization.resolver.events import Events, Rows, Values
from personalization.resolver.ledger import LimitKey
from personalization.resolver.limiting import make_limit_obstacle
from personalization.resolver.parcel import TAKEN, BackOrder, hold_for_stock, make_enclosure, owe
from personalization.resolver.resolve import LawOfDay
from personalization.resolver.wording import speak
from personalization.rulesets.placeholders import list_facts

Mask = NDArray[np.bool_]
FREE = -1


@dataclass(slots=True)
class Taken:
    """What rows asked of the ledger and took: (inserts × rows), (overall limits × rows), and counts of persons."""

    asked: Mask
    pieces: NDArray[np.int64]
    asked_overall: Mask
    overall: NDArray[np.int64]
    counted: list[tuple[Rows, str, list[int]]] = field(default_factory=list)
    uses: list[tuple[Rows, str, Audience]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the ledger held at each row's turn: pieces free (rows × inserts), uses (rows × overall limits)."""

    free: NDArray[np.int64]
    used: NDArray[np.int64]


@dataclass
class Crowd:
    """`places` are those of its rows in the run; arrays are (things × rows)."""

    prepared: Prepared
    conditions: Conditions
    places: Rows
    means: Means
    values: Values
    fired: Events = field(default_factory=Events)
    lost: Events = field(default_factory=Events)
    limited: Events = field(default_factory=Events)
    owing: Events = field(default_factory=Events)
    shown: Shown = field(init=False)

    def __post_init__(self) -> None:
        size, prepared = len(self.places), self.prepared
        self._inside = np.zeros((len(prepared.inserts), size), dtype=np.bool_)
        self._groups = np.full((len(prepared.groups), size), FREE, dtype=np.int64)
        self._takers = np.full((len(prepared.choices), size), FREE, dtype=np.int64)
        self._loads = Loads(size, self.conditions.budgets)
        overall = (len(prepared.overall), size)
        inserts = (len(prepared.inserts), size)
        self.taken = Taken(
            np.zeros(inserts, dtype=np.bool_),
            np.zeros(inserts, dtype=np.int64),
            np.zeros(overall, dtype=np.bool_),
            np.zeros(overall, dtype=np.int64),
        )
        self._dry = self.means.is_dry.T[:, self.means.run.warehouse[self.places]]
        self._has_dry: Mask = np.any(self._dry, axis=1)

    def decide(self, acting: Iterator[tuple[CrowdRule, Rows]]) -> None:
        """Let every rule act, in order of priority, for the rows it may act for."""
        for rule, rows in acting:
            self._act(rule, rows)

    def list_owing(self) -> Iterator[tuple[int, list[BackOrder]]]:
        """Yield the place in the run, and what is promised to its customer, of every row that promises."""
        for place, owing in zip(self.places.tolist(), self.owing.gather(len(self.places)), strict=True):
            if owing:
                yield place, [self.values.listed[number] for number in owing]

    def _act(self, rule: CrowdRule, rows: Rows) -> None:
        rows = self._pass_group(rule, self._pass_limits(rule, rows))
        if not rows.size:
            return
        if rule.thing is None:
            self._record(rule, rows[self._say_all(rule, rows)])
            return
        again, fresh = self._part_by_content(rule.thing, rows)
        fresh = self._enclose(rule, rule.thing, fresh)
        if again.size:
            # Asked for and in the box already: the rule acts, though it adds nothing.
            repeated = Obstacle(Reason.ALREADY_ENCLOSED, {"insert": rule.thing.key})
            self._lose(rule, rule.thing.action, again, repeated)
            fresh = np.sort(np.concatenate((again, fresh)))
        self._say_all(rule, fresh)
        self._record(rule, fresh)

    def _part_by_content(self, thing: Thing, rows: Rows) -> tuple[Rows, Rows]:
        """Return the rows that hold it already, and the others."""
        if thing.insert is None:
            return rows[:0], rows
        is_inside = self._inside[thing.place][rows]
        return (rows[is_inside], rows[~is_inside]) if is_inside.any() else (rows[:0], rows)

    # Limits and groups

    def _pass_limits(self, rule: CrowdRule, rows: Rows) -> Rows:
        for limit in rule.limits:
            if not rows.size:
                break
            if limit.place is None:
                counts = self._count_uses(rule, rule.rule.subject, limit.limit.within_days, rows)
                self.taken.counted.append((rows, limit.code, counts))
            else:
                self.taken.asked_overall[limit.place][rows] = True
                # Either reached already or not to be reached: how often it is used meanwhile does not matter.
                counts = [int(self.means.used[limit.place])] * rows.size
            if max(counts) < limit.limit.count:
                continue
            found = np.array(counts, dtype=np.int64)
            is_over = found >= limit.limit.count
            for count in np.unique(found[is_over]).tolist():
                self._lose(rule, None, rows[is_over & (found == count)], make_limit_obstacle(limit.limit, count))
            rows = rows[~is_over]
        return rows

    def _count_uses(self, rule: CrowdRule, subject: str, within_days: int | None, rows: Rows) -> list[int]:
        persons, requests = self.conditions.persons[rule.rule.audience], self.conditions.requests
        count = self.means.ledger.count_person
        return [count(subject, persons[row], within_days, requests[row]) for row in rows.tolist()]

    def _know_person(self, rule: CrowdRule, rows: Rows) -> Mask:
        persons = self.conditions.persons[rule.rule.audience]
        return np.array([persons[row] is not None for row in rows.tolist()], dtype=np.bool_)

    def _pass_group(self, rule: CrowdRule, rows: Rows) -> Rows:
        if rule.group is None or not rows.size:
            return rows
        takers: Rows = self._groups[rule.group][rows]
        is_free: Mask = takers == FREE
        if is_free.all():
            return rows
        for by in np.unique(takers[~is_free]).tolist():
            details = {"group": rule.rule.group, "by": self.prepared.active[by].key}
            self._lose(rule, None, rows[takers == by], Obstacle(Reason.GROUP_TAKEN, details))
        return rows[is_free]

    def _record(self, rule: CrowdRule, rows: Rows) -> None:
        """Count the rule as used, where it acted."""
        if rule.group is not None:
            self._groups[rule.group][rows] = rule.index
        if rule.limits and rows.size:
            self.limited.add(rows, self.values.number(("use", rule.index), lambda: rule.rule.key))
            self.taken.uses.append((rows, rule.rule.subject, rule.rule.audience))
            self._count_overall(rule, rows)

    def _count_overall(self, rule: CrowdRule, rows: Rows) -> None:
        for limit in rule.limits:
            if limit.place is not None:
                self.taken.overall[limit.place][rows] = 1

    # What goes in

    def _enclose(self, rule: CrowdRule, thing: Thing, rows: Rows) -> Rows:
        """Put it in where nothing is in its way, and return those rows."""
        insert = thing.insert
        if insert is None or not insert.active:
            self._lose(rule, thing.action, rows, Obstacle(Reason.INSERT_INACTIVE, {"insert": thing.key}))
            return rows[:0]
        rows = self._pass_letter_law(rule, thing.action, rows, insert)
        rows = self._pass_insert_limit(rule, thing, insert, rows)
        rows = self._pass_gift_limit(rule, thing, insert, rows)
        rows = self._pass_box(rule, thing, insert, rows)
        rows = self._pass_stock(rule, thing, insert, rows)
        if not rows.size:
            return rows
        self._loads.add(insert, thing.quantity, rows)
        self._inside[thing.place][rows] = True
        if insert.stocked:
            self.taken.pieces[thing.place][rows] += thing.quantity
        if insert.limit_per_customer is not None:
            self.taken.uses.append((rows, f"insert:{insert.key}", rule.rule.audience))
        made = (rule.rule.key, thing.action, thing.kind, insert.key, thing.quantity)
        self.fired.add(rows, self.values.number(("put", *made), lambda: make_enclosure(*made, None)))
        return rows

    def _pass_letter_law(self, rule: CrowdRule, action: int, rows: Rows, item: InsertInfo) -> Rows:
        if item.letter_class is LetterClass.NONE:
            return rows
        return self._pass_law(
            rule,
            action,
            rows,
            lambda law: find_letter_obstacle(item.key, item.letter_class, item.sealed, law.service),
        )

    def _pass_law(self, rule: CrowdRule, action: int, rows: Rows, find: Callable[[LawOfDay], Obstacle | None]) -> Rows:
        """Leave out what the law of the day, or its service, does not let through. Laws are few."""
        listed, law_of = self.conditions.kinds_of_law
        laws = law_of[rows]
        for place in np.unique(laws).tolist():
            obstacle = find(listed[place])
            if obstacle is not None:
                self._lose(rule, action, rows[laws == place], obstacle)
                rows, laws = rows[laws != place], laws[laws != place]
        return rows

    def _pass_insert_limit(self, rule: CrowdRule, thing: Thing, insert: InsertInfo, rows: Rows) -> Rows:
        limit = insert.limit_per_customer
        if limit is None or not rows.size:
            return rows
        is_known = self._know_person(rule, rows)
        self._lose(rule, thing.action, rows[~is_known], Obstacle(Reason.NO_CUSTOMER, {"insert": insert.key}))
        rows = rows[is_known]
        subject = f"insert:{insert.key}"
        counts = self._count_uses(rule, subject, None, rows)
        self.taken.counted.append((rows, LimitKey(subject, NOBODY).code, counts))
        found = np.array(counts, dtype=np.int64)
        for count in np.unique(found[found >= limit]).tolist():
            details = {"insert": insert.key, "limit": limit, "count": count}
            self._lose(rule, thing.action, rows[found == count], Obstacle(Reason.LIMIT_PER_CUSTOMER, details))
        return rows[found < limit]

    def _pass_gift_limit(self, rule: CrowdRule, thing: Thing, insert: InsertInfo, rows: Rows) -> Rows:
        if insert.kind is not InsertKind.GIFT or not rows.size:
            return rows
        values = self._loads.gift_value[rows] + insert.market_value * thing.quantity
        limits = self.conditions.gift_limits[rows]
        is_over = values > limits
        if not is_over.any():
            return rows

        def explain(row: int) -> Obstacle:
            details = {"insert": insert.key, "value": int(values[row]), "limit": int(limits[row])}
            return Obstacle(Reason.GIFT_VALUE, details)

        self._lose_each(rule, thing.action, rows, is_over, (values, limits), explain)
        return rows[~is_over]

    def _pass_box(self, rule: CrowdRule, thing: Thing, insert: InsertInfo, rows: Rows) -> Rows:
        for name, reason, needed, is_over in self._loads.list_needs(insert, thing.quantity, rows):
            if is_over.any():
                explain = partial(self._explain_excess, name, reason, rows, needed)
                limits = self.conditions.budgets[name][rows]
                self._lose_each(rule, thing.action, rows, is_over, (needed, limits), explain)
                # What is lost already is not asked for the next budget.
                return self._pass_box(rule, thing, insert, rows[~is_over])
        return rows

    def _explain_excess(
        self, budget: str, reason: Reason, rows: Rows, needed: NDArray[np.float64], place: int
    ) -> Obstacle:
        limit = getattr(self.conditions.boxes[rows[place]], budget)
        return Obstacle(reason, {"needed": float(needed[place]), "limit": limit})

    def _pass_stock(self, rule: CrowdRule, thing: Thing, insert: InsertInfo, rows: Rows) -> Rows:
        if not insert.stocked or not rows.size:
            return rows
        self.taken.asked[thing.place][rows] = True
        if not self._has_dry[thing.place]:
            return rows
        is_dry: Mask = self._dry[thing.place][rows]
        free = self.means.free[self.means.run.warehouse[self.places[rows[is_dry]]], thing.place]
        for left in np.unique(free).tolist():
            self._run_out(rule, thing, insert, rows[is_dry][free == left], max(left, 0))
        return rows[~is_dry]

    def _run_out(self, rule: CrowdRule, thing: Thing, insert: InsertInfo, rows: Rows, left: int) -> None:
        """Lose the rule, and do what the insert's policy asks for when there is none left."""
        obstacle = make_shortage(insert.key, left, insert.when_out)
        if insert.when_out is WhenOut.BACK_ORDER:
            is_known = self._know_person(rule, rows)
            made = (rule.rule.key, insert.key, thing.quantity)
            self.owing.add(rows[is_known], self.values.number(("owe", *made), lambda: owe(*made)))
            self._lose(rule, thing.action, rows[is_known], Obstacle(Reason.BACK_ORDERED, obstacle.details))
            self._count_overall(rule, rows[is_known])
            rows = rows[~is_known]
        self._lose(rule, thing.action, rows, obstacle)
        if insert.when_out is WhenOut.HOLD:
            self.fired.add(rows, self.values.number(("hold", insert.key), lambda: hold_for_stock(insert)))

    # What is said

    def _say_all(self, rule: CrowdRule, rows: Rows) -> Mask:
        """Say everything that may be said, and return where anything was."""
        found = np.zeros(rows.size, dtype=np.bool_)
        for saying in rule.sayings:
            said = self._say(rule, saying, self._pass_saying(rule, saying, rows))
            found |= np.isin(rows, said) if said.size < rows.size else True
        return found

    def _pass_saying(self, rule: CrowdRule, saying: Saying, rows: Rows) -> Rows:
        if saying.choice is not None:
            takers = self._takers[saying.choice][rows]
            for by in np.unique(takers[takers != FREE]).tolist():
                details = {"by": self.prepared.active[by].key, "slot": saying.said.slot}
                reason = TAKEN[saying.said.kind]
                self._lose(rule, saying.action, rows[takers == by], Obstacle(reason, details))
            rows = rows[takers == FREE]
        template = self.prepared.rulebook.catalogue.templates.get(saying.said.template or "")
        if template is None:
            return rows
        return self._pass_law(
            rule,
            saying.action,
            rows,
            lambda law: find_letter_obstacle(template.key, template.letter_class, template.sealed, law.service),
        )

    def _say(self, rule: CrowdRule, saying: Saying, rows: Rows) -> Rows:
        if saying.is_same:
            number = self.values.number(("say", rule.index, saying.action), lambda: self._speak(rule, saying, 0))
            self.fired.add(rows, number)
        else:
            numbers = self._tell_each(rule, saying, rows)
            is_known = np.array([self.values.listed[number] is not None for number in numbers.tolist()], dtype=np.bool_)
            self._lose(rule, saying.action, rows[~is_known], Obstacle(Reason.FACT_UNKNOWN))
            rows = rows[is_known]
            self.fired.add_each(rows, numbers[is_known])
        if saying.choice is not None:
            self._takers[saying.choice][rows] = rule.index
        return rows

    def _tell_each(self, rule: CrowdRule, saying: Saying, rows: Rows) -> Rows:
        """Return the number of what is told of each row: the same for rows of which the same is known."""
        asked = sorted({key for text in saying.said.texts() for key in list_facts(text)})
        columns = [self.conditions.batch.columns[ask(key, rule.rule.audience)] for key in asked]
        found = []
        for at in [self.conditions.rows[row] for row in rows.tolist()]:
            key = ("tell", rule.index, saying.action, *[column.get(at) for column in columns])
            found.append(self.values.number(key, partial(self._speak, rule, saying, at)))
        return np.array(found, dtype=np.int64)

    def _speak(self, rule: CrowdRule, saying: Saying, row: int) -> Chosen | None:
        return speak(rule.rule, saying.action, saying.said, self.conditions.batch.columns, row)

    # What is lost

    def _lose(self, rule: CrowdRule, action: int | None, rows: Rows, obstacle: Obstacle) -> None:
        if rows.size:
            self.lost.add(rows, self._number_loss(rule, action, obstacle))

    def _lose_each(
        self,
        rule: CrowdRule,
        action: int,
        rows: Rows,
        is_lost: Mask,
        measured: tuple[NDArray[Any], NDArray[Any]],
        explain: Callable[[int], Obstacle],
    ) -> None:
        """Lose some of the rows, those of which the same was measured alike; `explain` is given a place in `rows`."""
        places = np.flatnonzero(is_lost)
        numbers: dict[tuple[Any, Any], int] = {}
        found = []
        for place, *alike in zip(places.tolist(), *(each[places].tolist() for each in measured), strict=True):
            key = tuple(alike)
            if key not in numbers:
                numbers[key] = self._number_loss(rule, action, explain(place))
            found.append(numbers[key])
        self.lost.add_each(rows[places], np.array(found, dtype=np.int64))

    def _number_loss(self, rule: CrowdRule, action: int | None, obstacle: Obstacle) -> int:
        reason, details = obstacle.reason, obstacle.details
        key = ("lose", rule.index, action, reason, *details.values())
        return self.values.number(
            key, lambda: Lost(rule_key=rule.rule.key, action=action, reason=reason, details=details)
        )
