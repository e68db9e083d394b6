"""Advice on letters and slips whose slots nothing fills, or nothing is sure to fill. Pure."""

from collections.abc import Sequence

from personalization.advice.advice import Notebook
from personalization.advice.formulas import Effort, prove_empty
from personalization.advice.relations import contradicts
from personalization.advice.subjects import Subject
from personalization.conditions.explanation import Words
from personalization.plan import ActionKind
from personalization.rulesets.catalogue import Catalogue, TemplateInfo
from personalization.rulesets.ruleset import Action


def advise_letters(subjects: Sequence[Subject], catalogue: Catalogue, rule_key: str | None, notebook: Notebook) -> None:
    writers = [
        (subject, action.slot)
        for subject in subjects
        if subject.rule.enabled
        for action in subject.rule.then
        if action.kind in (ActionKind.MESSAGE, ActionKind.RECOMMEND) and action.slot
    ]
    for subject in subjects:
        if rule_key is not None and subject.rule.key != rule_key:
            continue
        for index, action in enumerate(subject.rule.then):
            template = catalogue.templates.get(action.template or "")
            if template is not None and action.kind in (ActionKind.LETTER, ActionKind.SLIP):
                place = f"{subject.place}.then[{index}].slots"
                _advise_letter(subject, place, action, template, writers, notebook)


def _advise_letter(
    subject: Subject,
    place: str,
    action: Action,
    template: TemplateInfo,
    writers: Sequence[tuple[Subject, str]],
    notebook: Notebook,
) -> None:
    name = Words(template.name_ja or template.key, template.name_en or template.key)
    for slot in sorted(template.needed - action.slots.keys()):
        filling = [writer for writer, filled in writers if filled == slot]
        # Without any writer the check refuses it; here it is about writers that may be absent.
        if filling and not any(_is_always_there(subject, writer) for writer in filling):
            label = Words(*template.label(slot))
            notebook.say(f"{place}.{slot}", "slot_may_be_empty", subject.rule.key, template=name, slot=label)


def _is_always_there(subject: Subject, writer: Subject) -> bool:
    """Whether the writing rule matches whenever the letter's does, and has no gate of its own."""
    rule = writer.rule
    if rule.key == subject.rule.key:
        return True
    gated = rule.limits or rule.purposes or rule.group or rule.valid_from or rule.valid_until or rule.experiment
    return not gated and prove_empty([subject.when, writer.when_not], contradicts, Effort(500))
