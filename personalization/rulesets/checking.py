"""A parsed ruleset against what exists: inserts, templates, delivery services and what they may carry by law."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from orders.kinds import LetterClass
from personalization.conditions.tree import All, Any, Comparison, Condition, Not, walk
from personalization.insert_info import Inserts
from personalization.models import InsertKind
from personalization.plan import ActionKind
from personalization.problems import Problems
from personalization.rulesets.catalogue import Catalogue, TemplateInfo, TemplateKind, is_carried
from personalization.rulesets.ruleset import Action, Rule, RulesetDocument

SERVICE_FACT = "order.delivery_service"


def check_ruleset(document: RulesetDocument, catalogue: Catalogue, inserts: Inserts, problems: Problems) -> None:
    """Add a problem for everything that the rules name and that is not there, or that the law forbids."""
    messages = frozenset(action.slot for rule in document.rules for action in rule.then if action.slot)
    checker = _Checker(catalogue, inserts, problems, messages)
    for index, rule in enumerate(document.rules):
        checker.check_condition(rule, f"$.rules[{index}].when")
        for action in rule.then:
            checker.check_action(rule, action)


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


@dataclass(frozen=True, slots=True)
class _Checker:
    catalogue: Catalogue
    inserts: Inserts
    problems: Problems
    messages: frozenset[str]

    def check_condition(self, rule: Rule, place: str) -> None:
        for comparison in walk(rule.when):
            named = dict(comparison.parameters).get("inserts", ())
            for key in named if isinstance(named, tuple) else ():
                if key not in self.inserts:
                    self.problems.add(place, "unknown_insert", key=key)
            if comparison.fact == SERVICE_FACT and comparison.op in ("equals", "one_of"):
                self._check_services(comparison, place)

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
            case ActionKind.MESSAGE:
                if not any(action.slot in template.slots for template in self.catalogue.templates.values()):
                    self.problems.add(f"{action.place}.slot", "unknown_slot", key="*", slot=action.slot)

    def _check_insert(self, rule: Rule, action: Action) -> None:
        insert = self.inserts.get(action.insert_key or "")
        place = f"{action.place}.insert"
        if insert is None or not insert.active:
            self.problems.add(place, "unknown_insert", key=action.insert_key)
            return
        is_task = insert.kind is InsertKind.TASK
        if is_task != (action.kind is ActionKind.TASK):
            self.problems.add(place, "is_a_task" if is_task else "not_a_task", key=insert.key)
        self._check_letter(rule, place, insert.key, insert.letter_class, insert.sealed)

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
        self._check_needed(action, template)
        self._check_letter(rule, place, template.key, template.letter_class, template.sealed)

    def _check_needed(self, action: Action, template: TemplateInfo) -> None:
        """A letter without its body would only be noticed at printing, as a parcel on hold."""
        for slot in sorted(template.needed - action.slots.keys() - self.messages):
            ja, en = template.label(slot)
            self.problems.add(f"{action.place}.slots.{slot}", "slot_needed", key=template.key, slot_ja=ja, slot_en=en)

    def _check_letter(self, rule: Rule, place: str, item: str, letter_class: LetterClass, sealed: bool) -> None:
        for key in sorted(find_services(rule.when, self.catalogue.services.keys())):
            service = self.catalogue.services[key]
            if not is_carried(service, letter_class, sealed):
                self.problems.add(
                    place, "letter_not_carried", item=item, letter_class=letter_class, service=service.name
                )
