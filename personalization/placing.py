"""Where papers have room for what rules offer. A coupon, or products, that nothing would print are not given: a code is
never used up unseen. Pure but for asking which slots the templates have now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from personalization.plan import ActionKind, Plan
from personalization.requests import DecisionRequest
from personalization.resolver.supplies import COUPON
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.ruleset import Action, Rule

Places = Mapping[tuple[str, str], frozenset[str]]  # (template, language) → slots, as of now
Unplaced = Mapping[str, tuple[str, ...]]  # what is offered → the papers, none of which has a place for it
COUPON_SLOTS: Final = frozenset({"coupon_code", "coupon_note"})
# What is recommended into any slot of texts is shown as cards too, where the papers have them.
CARDS: Final = "recommended_products"
PAPERS: Final = frozenset({ActionKind.LETTER, ActionKind.SLIP})


def name_place(kind: ActionKind, slot: str | None) -> str | None:
    """Return what is offered: the coupon, or products for a slot; None for what needs no place."""
    if kind is ActionKind.COUPON:
        return COUPON
    return slot if kind is ActionKind.RECOMMEND else None


def list_fitting(offered: str) -> frozenset[str]:
    """Return the slots of which one is enough."""
    return COUPON_SLOTS if offered == COUPON else frozenset({offered, CARDS})


@dataclass
class Placing:
    """`load` gives the slots of all templates; it is asked only when something is offered. Without it the catalogue
    that was kept with the rules counts. Requests that say nothing of papers have room for everything.
    """

    catalogue: Catalogue
    requests: Sequence[DecisionRequest]
    load: Callable[[], Places] | None = None

    @cached_property
    def _places(self) -> Places:
        return {} if self.load is None else self.load()

    def prepare(self) -> None:
        """Ask for the slots now, once and for all."""
        _ = self._places

    def find_hopeless(self, row: int, rules: Iterable[Rule]) -> Unplaced:
        """Return what the acting rules offer and none of the papers could show, whichever of them is chosen."""
        papers = self.requests[row].papers
        if papers is None:
            return {}
        acting = list(rules)
        offered = {name_place(action.kind, action.slot) for rule in acting for action in rule.then} - {None}
        if not offered:
            return {}
        chosen = [*papers.slips, *(action.template or "" for action in _list_papers(acting))]
        return self._find({each: list_fitting(each) for each in offered if each}, chosen, papers.language, any)

    def find_unprinted(self, row: int, plan: Plan) -> Unplaced:
        """Return what was chosen and the chosen papers do not surely show."""
        offered = {name_place(chosen.kind, chosen.slot) for chosen in plan.fired} - {None}
        return self._find_lacking(row, plan, {each: list_fitting(each) for each in offered if each})

    def find_silent(self, row: int, plan: Plan) -> Unplaced:
        """Return the slots of messages that the chosen papers do not surely show."""
        return self._find_lacking(row, plan, {slot: frozenset({slot}) for slot in plan.messages})

    def _find_lacking(self, row: int, plan: Plan, wanted: Mapping[str, frozenset[str]]) -> Unplaced:
        papers = self.requests[row].papers
        if papers is None or not wanted:
            return {}
        letter = plan.letter.template if plan.letter else None
        slips = papers.name_slips(plan.slip.template if plan.slip else None)
        found = self._find(wanted, slips, papers.language, all)
        if letter is None:
            return found
        missing = self._find({each: wanted[each] for each in found}, [letter], papers.language, any)
        return {each: (*found[each], letter) for each in missing}

    def _find(
        self,
        wanted: Mapping[str, frozenset[str]],
        papers: Sequence[str],
        language: str,
        enough: Callable[[Iterator[bool]], bool],
    ) -> dict[str, tuple[str, ...]]:
        listed = tuple(dict.fromkeys(papers))
        return {
            each: listed
            for each, slots in wanted.items()
            if not enough(self._has(paper, language, slots) for paper in listed)
        }

    def _has(self, template: str, language: str, wanted: frozenset[str]) -> bool:
        slots = self._places.get((template, language))
        if slots is None:
            known = self.catalogue.templates.get(template)
            return known is None or known.shows(wanted)
        return bool(slots & wanted)


def _list_papers(rules: Sequence[Rule]) -> Iterator[Action]:
    yield from (action for rule in rules for action in rule.then if action.kind in PAPERS and action.template)
