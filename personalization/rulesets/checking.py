"""A parsed ruleset against what exists: inserts, templates, delivery services and what they may carry by law."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from personalization.conditions.tree import Comparison
from personalization.insert_info import Inserts
from personalization.law import BUILT_IN_LAW, Law
from personalization.models import InsertKind
from personalization.plan import ActionKind
from personalization.problems import Problem, Problems
from personalization.rulesets.catalogue import Catalogue, TemplateInfo, TemplateKind
from personalization.rulesets.lawfulness import (
    SERVICE_FACT,
    Letter,
    advise_gift_law,
    check_gift_law,
    check_letter_law,
)
from personalization.rulesets.mentions import list_mentions, walk_places
from personalization.rulesets.ruleset import Action, Rule, RulesetDocument

INSERTS_FACT: Final = "history.inserts"
KnownValues = Mapping[str, Collection[str]]  # kind of name → those of the shop
KIND_WORDS: Final = {
    "sku": ("SKU", "SKU"),
    "category": ("カテゴリ", "category"),
    "customer_tag": ("顧客タグ", "customer tag"),
    "order_tag": ("注文タグ", "order tag"),
    "rank": ("ランク", "rank"),
    "scheme": ("ランク制度", "rank scheme"),
    "campaign": ("施策・調査・公演", "campaign, survey or event"),
}


COUPON_SLOTS: Final = frozenset({"coupon_title", "coupon_value", "coupon_code", "coupon_note"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a ruleset is checked against besides templates and services. `series` None: not looked at."""

    inserts: Inserts
    series: Collection[str] | None = None
    law: Law = BUILT_IN_LAW
    today: date = date.max


def check_ruleset(document: RulesetDocument, catalogue: Catalogue, ground: Ground, problems: Problems) -> None:
    """Add a problem for everything that the rules name and that is not there, or that the law forbids."""
    messages = frozenset(
        action.slot for rule in document.rules for action in rule.then if action.kind is ActionKind.MESSAGE
    )
    checker = _Checker(catalogue, ground, problems, messages - {None})
    for index, rule in enumerate(document.rules):
        checker.check_condition(rule, f"$.rules[{index}].when")
        check_gift_law(rule, ground.inserts, ground.law, ground.today, problems)
        for action in rule.then:
            checker.check_action(rule, action)


def find_law_advice(document: RulesetDocument, ground: Ground) -> list[Problem]:
    """Return what the law will keep out of some orders, with the alternatives: for people to decide."""
    problems = Problems()
    for rule in document.rules:
        advise_gift_law(rule, ground.inserts, ground.law, ground.today, problems)
    return problems.found


def find_unknown_values(document: RulesetDocument, known: KnownValues) -> list[Problem]:
    """Return the SKUs, categories, tags and the like that the shop has never had: misspelt, or still to come."""
    problems = Problems()
    for mention in list_mentions(document):
        if mention.value not in known.get(mention.kind, ()):
            ja, en = KIND_WORDS[mention.kind]
            problems.add(mention.place, "unknown_value", kind_ja=ja, kind_en=en, value=mention.value)
    return problems.found


@dataclass(frozen=True, slots=True)
class _Checker:
    catalogue: Catalogue
    ground: Ground
    problems: Problems
    messages: frozenset[str | None]

    def check_condition(self, rule: Rule, place: str) -> None:
        for comparison, at in walk_places(rule.when, place):
            named = dict(comparison.parameters).get("inserts", ())
            self._check_inserts(named if isinstance(named, tuple) else (), f"{at}.with.inserts")
            if comparison.fact == INSERTS_FACT and isinstance(comparison.operand, frozenset):
                self._check_inserts(sorted(comparison.operand), f"{at}.value")
            if comparison.fact == SERVICE_FACT and comparison.op in ("equals", "one_of"):
                self._check_services(comparison, f"{at}.value")

    def _check_inserts(self, keys: Sequence[str], place: str) -> None:
        for key in keys:
            if key not in self.ground.inserts:
                self.problems.add(place, "unknown_insert", key=key)

    def _check_services(self, comparison: Comparison, place: str) -> None:
        operand = comparison.operand
        for key in sorted(operand if isinstance(operand, frozenset) else {operand}, key=str):
            if key not in self.catalogue.services:
                self.problems.add(place, "unknown_service", key=key)

    def check_action(self, rule: Rule, action: Action) -> None:
        match action.kind:
            case ActionKind.ENCLOSE | ActionKind.TASK:
                self._check_insert(rule, action)
            case ActionKind.LETTER | ActionKind.SLIP:
                self._check_template(rule, action)
            case ActionKind.MESSAGE | ActionKind.RECOMMEND:
                self._check_slot(f"{action.place}.slot", action.slot)
            case ActionKind.COUPON:
                self._check_slot(f"{action.place}.series", "coupon_code", "coupon_note")
                if self.ground.series is not None and action.series not in self.ground.series:
                    self.problems.add(f"{action.place}.series", "unknown_series", key=action.series)

    def _check_slot(self, place: str, *slots: str | None) -> None:
        """Some template must have one of these slots."""
        if not any(slot in template.slots for template in self.catalogue.templates.values() for slot in slots):
            self.problems.add(place, "unknown_slot", key="*", slot=slots[0])

    def _check_insert(self, rule: Rule, action: Action) -> None:
        insert = self.ground.inserts.get(action.insert_key or "")
        place = f"{action.place}.insert"
        if insert is None or not insert.active:
            self.problems.add(place, "unknown_insert", key=action.insert_key)
            return
        is_task = insert.kind is InsertKind.TASK
        if is_task != (action.kind is ActionKind.TASK):
            self.problems.add(place, "is_a_task" if is_task else "not_a_task", key=insert.key)
        self._check_letter(rule, action, "insert", Letter(insert.name_ja, insert.letter_class, insert.sealed))

    def _check_template(self, rule: Rule, action: Action) -> None:
        template = self.catalogue.templates.get(action.template or "")
        place = f"{action.place}.template"
        if template is None:
            self.problems.add(place, "unknown_template", key=action.template)
            return
        if template.kind is not TemplateKind(action.kind):
            self.problems.add(place, "wrong_template_kind", key=template.key, expected=action.kind)
        for slot in action.slots:
            if slot not in template.slots:
                self.problems.add(f"{action.place}.slots.{slot}", "unknown_slot", key=template.key, slot=slot)
        self._check_needed(rule, action, template)
        name = template.name_ja or template.key
        self._check_letter(rule, action, "template", Letter(name, template.letter_class, template.sealed))

    def _check_needed(self, rule: Rule, action: Action, template: TemplateInfo) -> None:
        """A letter without its body would only be noticed at printing, as a parcel on hold."""
        given = action.slots.keys() | self.messages | (COUPON_SLOTS if rule.coupons else frozenset())
        for slot in sorted(template.needed - given):
            ja, en = template.label(slot)
            self.problems.add(f"{action.place}.slots.{slot}", "slot_needed", key=template.key, slot_ja=ja, slot_en=en)

    def _check_letter(self, rule: Rule, action: Action, place: str, letter: Letter) -> None:
        """The services as they are on the first day of the rule."""
        day = max(self.ground.today, rule.valid_from or self.ground.today)
        listed = self.catalogue.services
        services = [self.ground.law.find_service(key, day) or listed[key] for key in sorted(listed)]
        check_letter_law(rule, action, place, letter, services, self.problems)
