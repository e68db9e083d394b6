"""Advice on names the shop has never had, and on what the law keeps out of smaller orders: told by the check itself."""

from collections.abc import Sequence

from personalization.advice.advice import Notebook
from personalization.advice.subjects import ShopNow, Subject
from personalization.conditions.explanation import Words
from personalization.ground import load_ground, load_known_values
from personalization.problems import Problem
from personalization.rulesets.checking import find_law_advice, find_unknown_values
from personalization.rulesets.ruleset import RulesetDocument


def advise_names(shop: ShopNow, subjects: Sequence[Subject], notebook: Notebook) -> None:
    """Say which names are unknown, and which gifts only larger orders may hold."""
    if not subjects:
        return
    known = load_known_values(shop.session, shop.shop_id, RulesetDocument(tuple(each.rule for each in subjects)))
    ground = load_ground(shop.session, shop.shop_id)
    for subject in subjects:
        alone = RulesetDocument((subject.rule,))
        for problem in find_unknown_values(alone, known):
            _say("unknown_value", problem, subject, notebook)
        for problem in find_law_advice(alone, ground):
            _say("law", problem, subject, notebook)


def _say(code: str, problem: Problem, subject: Subject, notebook: Notebook) -> None:
    # Told of a document of one rule: what follows the rule's number holds in the whole document.
    place = subject.place + problem.place.partition("]")[2]
    notebook.say(place, code, subject.rule.key, sentence=Words(problem.ja, problem.en))
