"""Advice on coupons, products and messages that the papers of a parcel have no place for. Pure."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from personalization.advice.advice import Notebook
from personalization.advice.formulas import Effort, prove_empty
from personalization.advice.relations import contradicts
from personalization.advice.subjects import Subject
from personalization.conditions.explanation import Words
from personalization.placing import list_fitting, name_place
from personalization.plan import ActionKind
from personalization.resolver.gates import is_hidden_from_recipient
from personalization.rulesets.catalogue import Catalogue, TemplateInfo
from personalization.rulesets.ruleset import Action, GiftPolicy, Rule

STEPS = 300


def advise_places(subjects: Sequence[Subject], catalogue: Catalogue, rule_key: str | None, notebook: Notebook) -> None:
    choosing = [
        (subject, template)
        for subject in subjects
        if subject.rule.enabled
        for template in _list_chosen(subject.rule, ActionKind.SLIP, catalogue)
    ]
    adviser = _Adviser(catalogue, choosing, Effort(STEPS * 50), notebook)
    for subject in subjects:
        if rule_key in (None, subject.rule.key):
            for index, action in enumerate(subject.rule.then):
                adviser.advise(subject, f"{subject.place}.then[{index}]", action)


def _list_fitting(action: Action) -> AbstractSet[str]:
    """Return the slots of which one is enough; nothing for what is not printed."""
    offered = name_place(action.kind, action.slot)
    if offered is not None:
        return list_fitting(offered)
    return {action.slot} if action.kind is ActionKind.MESSAGE and action.slot else set()


def _list_chosen(rule: Rule, kind: ActionKind, catalogue: Catalogue) -> Iterator[TemplateInfo]:
    for action in rule.then:
        template = catalogue.templates.get(action.template or "")
        if action.kind is kind and template is not None:
            yield template


@dataclass
class _Adviser:
    """`choosing`: the rules that choose a slip, each with that slip."""

    catalogue: Catalogue
    choosing: Sequence[tuple[Subject, TemplateInfo]]
    effort: Effort
    notebook: Notebook

    def advise(self, subject: Subject, place: str, action: Action) -> None:
        fitting, rule = _list_fitting(action), subject.rule
        letters = _list_chosen(rule, ActionKind.LETTER, self.catalogue)
        if not fitting or any(letter.shows(fitting) for letter in letters):
            return
        what = _name(action, self.catalogue, fitting)
        own = list(_list_chosen(rule, ActionKind.SLIP, self.catalogue))
        slips = self.catalogue.slips
        usual = [self.catalogue.templates[key] for key in slips if key in self.catalogue.templates]
        if lacking := [slip for slip in own or usual[:1] if not slip.shows(fitting)]:
            self.notebook.say(place, "no_place", rule.key, what=what, papers=_join(lacking))
        elif not own and (some := self._list_lacking(subject, fitting, usual[1:])):
            self.notebook.say(place, "no_place_on_some", rule.key, what=what, papers=_join(some))

    def _list_lacking(
        self, subject: Subject, fitting: AbstractSet[str], for_gifts: Sequence[TemplateInfo]
    ) -> list[TemplateInfo]:
        """Return the slips without a place that some parcel of the rule may get."""
        lacking = [slip for slip in for_gifts if not slip.shows(fitting) and _may_reach_gifts(subject.rule)]
        return lacking + [
            slip
            for chooser, slip in self.choosing
            if not slip.shows(fitting) and not prove_empty([subject.when, chooser.when], contradicts, self.effort)
        ]


def _may_reach_gifts(rule: Rule) -> bool:
    return rule.gifts is not GiftPolicy.NEVER and not is_hidden_from_recipient(rule)


def _name(action: Action, catalogue: Catalogue, fitting: AbstractSet[str]) -> Words:
    if action.kind is ActionKind.COUPON:
        return Words("クーポン", "the coupon")
    if action.kind is ActionKind.RECOMMEND:
        return Words("おすすめ商品", "the recommended products")
    slot = next(iter(fitting))
    template = next((each for each in catalogue.templates.values() if slot in each.labels), None)
    ja, en = template.label(slot) if template else (slot, slot)
    return Words(f"「{ja}」", f"“{en}”")


def _join(templates: Sequence[TemplateInfo]) -> Words:
    unique = list({template.key: template for template in templates}.values())
    return Words(
        "・".join(f"「{each.name_ja or each.key}」" for each in unique),
        " and ".join(f"“{each.name_en or each.key}”" for each in unique),
    )
