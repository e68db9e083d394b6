"""A parsed ruleset: rules in priority order, their actions and limits. Frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from personalization.conditions.program import Program, compile_conditions
from personalization.conditions.tree import Condition, walk
from personalization.facts.catalogue import get_fact
from personalization.facts.question import Audience, Question, ask
from personalization.plan import ActionKind, Texts
from personalization.rulesets.placeholders import list_facts
from personalization.rulesets.standing import list_standing_questions

PHYSICAL = frozenset({ActionKind.ENCLOSE, ActionKind.TASK})


class GiftPolicy(StrEnum):
    """What a rule does for a gift that goes to somebody else than the buyer."""

    CAREFUL = "careful"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """`place` is its JSON path. Which fields are set depends on `kind`."""

    kind: ActionKind
    place: str = field(compare=False)
    insert_key: str | None = None
    quantity: int = 1
    template: str | None = None
    slots: Mapping[str, Texts] = field(default_factory=dict)
    slot: str | None = None
    text: Texts | None = None
    word: str | None = None
    value: int | None = None
    count: int = 1  # products to recommend
    categories: tuple[str, ...] = ()
    popular: bool = False  # fill up with what sells best
    series: str | None = None

    def texts(self) -> Iterator[str]:
        """Yield every text that may hold placeholders."""
        for texts in (*self.slots.values(), *([] if self.text is None else [self.text])):
            yield from texts.values()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` shipments: per customer, within days when given; or overall."""

    count: int
    per_customer: bool
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class ExperimentArm:
    """The rule acts for the customers in this arm of this experiment alone."""

    key: str
    arm: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a rule asks is worked out once: versions live long, decisions are many."""

    key: str
    name: Texts
    when: Condition
    then: tuple[Action, ...]
    enabled: bool = True
    audience: Audience = Audience.BUYER
    gifts: GiftPolicy = GiftPolicy.CAREFUL
    purposes: frozenset[str] = frozenset()
    limits: tuple[Limit, ...] = ()
    group: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    experiment: ExperimentArm | None = None

    @cached_property
    def subject(self) -> str:
        """What the ledger counts its uses by."""
        return f"rule:{self.key}"

    @cached_property
    def is_personal(self) -> bool:
        """Whether it uses what is known of a person: in its condition, its texts, or to recommend."""
        recommends = any(action.kind is ActionKind.RECOMMEND for action in self.then)
        return recommends or any(get_fact(question.key).is_personal for question in self.questions)

    @cached_property
    def questions(self) -> frozenset[Question]:
        """What must be known to judge the rule and to fill its texts."""
        return frozenset(self._list_questions())

    @cached_property
    def physical(self) -> tuple[tuple[int, Action], ...]:
        """The actions that put something in or ask for a task, with their index."""
        return tuple((i, action) for i, action in enumerate(self.then) if action.kind in PHYSICAL)

    @cached_property
    def choices(self) -> tuple[tuple[int, Action], ...]:
        """All other actions, with their index."""
        return tuple((i, action) for i, action in enumerate(self.then) if action.kind not in PHYSICAL)

    @cached_property
    def coupons(self) -> tuple[tuple[int, Action], ...]:
        """The actions that give a code, with their index."""
        return tuple((i, action) for i, action in enumerate(self.then) if action.kind is ActionKind.COUPON)

    @cached_property
    def recommendations(self) -> tuple[tuple[int, Action], ...]:
        return tuple((i, action) for i, action in enumerate(self.then) if action.kind is ActionKind.RECOMMEND)

    def _list_questions(self) -> Iterator[Question]:
        for comparison in walk(self.when):
            yield comparison.question(self.audience)
        for action in self.then:
            for text in action.texts():
                for key in list_facts(text):
                    yield ask(key, self.audience)


@dataclass(frozen=True, slots=True)
class BoxLimits:
    """How much all inserts of one parcel may take up; None: no limit. `cost` in the smallest unit of money."""

    pieces: int | None = None
    grams: float | None = None
    millimetres: float | None = None
    cost: int | None = None


@dataclass(frozen=True)
class RulesetDocument:
    """The rules, highest priority first."""

    rules: tuple[Rule, ...] = ()
    box: BoxLimits = BoxLimits()

    @cached_property
    def active(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.enabled)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Sorted and distinct: what the active rules ask and what the resolver itself must know."""
        asked = {question for rule in self.active for question in rule.questions}
        asked.update(list_standing_questions({rule.audience for rule in self.active}))
        return tuple(sorted(asked, key=lambda question: question.code))

    @cached_property
    def program(self) -> Program:
        """The conditions of the active rules, in their order, ready for the evaluator."""
        return compile_conditions((rule.when, rule.audience) for rule in self.active)

    @cached_property
    def by_key(self) -> Mapping[str, Rule]:
        return {rule.key: rule for rule in self.rules}
