"""All advice on a document, which may be unfinished: asked by editors at every change, and before publishing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import get_shop
from personalization.advice.advice import Advice, Notebook
from personalization.advice.letters import advise_letters
from personalization.advice.names import advise_names
from personalization.advice.overlaps import advise_overlaps
from personalization.advice.places import advise_places
from personalization.advice.remembering import advise_known_condition, digest_inserts
from personalization.advice.subjects import ShopNow, Subject, read_subjects
from personalization.advice.supplies import advise_purposes, advise_supplies
from personalization.advice.usage import advise_usage
from personalization.conditions.explanation import Words
from personalization.experiments.models import Experiment, ExperimentState
from personalization.inserts import load_inserts
from personalization.rulesets.catalogue import Catalogue

_STATES: Mapping[str | None, Words] = {
    None: Words("この名前の実験はありません。", "There is none of this name."),
    ExperimentState.DRAFT: Words("まだ始まっていません。", "It has not begun."),
    ExperimentState.ENDED: Words("終わっています。", "It has ended."),
}


def advise(
    session: Session,
    shop_id: UUID,
    document: Mapping[str, Any],
    catalogue: Catalogue | None = None,
    *,
    rule_key: str | None = None,
    pace: Mapping[str, float] | None = None,
) -> list[Advice]:
    """Return what a good colleague would say, in the order of the rules; only of one rule when `rule_key` is given.

    Rules with mistakes are passed over: the check names those. `pace` is rule key → expected matches a day; without
    it, what was promised in the last four weeks counts. Without the catalogue nothing is said of letters. What is said
    is certain; where it could not be proven, nothing is said.
    """
    now = clock.now()
    shop = ShopNow(session, shop_id, now, now.astimezone(get_shop(session, shop_id).zone).date())
    subjects = read_subjects(document)
    wanted = [subject for subject in subjects if rule_key in (None, subject.rule.key)]
    notebook = Notebook()
    inserts = load_inserts(session, shop_id)
    told_inserts = digest_inserts(inserts)
    for subject in wanted:
        advise_known_condition(subject, inserts, told_inserts, shop.today, notebook)
    advise_overlaps(subjects, inserts, catalogue, rule_key, notebook)
    if catalogue is not None:
        advise_letters(subjects, catalogue, rule_key, notebook)
        advise_places(subjects, catalogue, rule_key, notebook)
    advise_supplies(shop, subjects, inserts, pace or {}, notebook)
    advise_purposes(shop, [subject for subject in wanted if subject.rule.enabled], notebook)
    advise_usage(shop, wanted, notebook)
    advise_names(shop, wanted, notebook)
    _advise_names(subjects, notebook)
    _advise_experiments(shop, wanted, notebook)
    said = [advice for advice in notebook.found if rule_key in (None, advice.rule_key)]
    return sorted(said, key=lambda advice: _find_index(advice.place))


def _find_index(place: str) -> int:
    number = place.partition("[")[2].partition("]")[0]
    return int(number) if number.isdigit() else -1


def _advise_names(subjects: Sequence[Subject], notebook: Notebook) -> None:
    counts = Counter(subject.name.ja for subject in subjects)
    for subject in subjects:
        if counts[subject.name.ja] > 1:
            notebook.say(f"{subject.place}.name", "name_twice", subject.rule.key, name=subject.name)


def _advise_experiments(shop: ShopNow, subjects: Sequence[Subject], notebook: Notebook) -> None:
    named = {subject.rule.experiment.key for subject in subjects if subject.rule.experiment is not None}
    if not named:
        return
    rows = shop.session.execute(
        select(Experiment.key, Experiment.state, Experiment.name_ja, Experiment.name_en).where(
            Experiment.shop_id == shop.shop_id, Experiment.key.in_(named)
        )
    )
    known = {row.key: row for row in rows}
    for subject in subjects:
        arm = subject.rule.experiment
        if arm is None:
            continue
        found = known.get(arm.key)
        if found is None or found.state is not ExperimentState.RUNNING:
            name = Words(arm.key, arm.key) if found is None else Words(found.name_ja, found.name_en)
            state = _STATES[None if found is None else found.state]
            place = f"{subject.place}.experiment"
            notebook.say(place, "experiment_not_running", subject.rule.key, key=name, state=state)
