"""Why a shipment got what it got, and why not the rest: every rule, in plain words, from the stored inputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.conditions.explanation import NO_NAMES, Explainer, Explanation, Naming, ValueKind, Words
from personalization.conditions.failing import list_failing
from personalization.conditions.operators import TRUE
from personalization.models import Decision
from personalization.naming import load_naming
from personalization.placing import Placing, Unplaced
from personalization.plan import ActionKind, Chosen, Lost, Plan
from personalization.queries import StoredDecision, get_decision, open_decision
from personalization.reason_words import describe_chosen, describe_lost, describe_papers
from personalization.replaying import restore_batch
from personalization.resolver.batch import Batch
from personalization.resolver.gates import find_valid
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.ruleset import Rule


class RuleOutcome(StrEnum):
    FIRED = "fired"
    LOST = "lost"
    NOT_MATCHED = "not_matched"
    NOT_VALID = "not_valid"
    DISABLED = "disabled"


OUTCOME_WORDS: Mapping[RuleOutcome, Words] = {
    RuleOutcome.FIRED: Words("適用されました", "applied"),
    RuleOutcome.LOST: Words("条件に合いましたが、適用されませんでした", "matched, but was not applied"),
    RuleOutcome.NOT_MATCHED: Words("条件に合いませんでした", "did not match"),
    RuleOutcome.NOT_VALID: Words("有効期間外です", "outside its dates"),
    RuleOutcome.DISABLED: Words("無効にされています", "switched off"),
}


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """One rule on one shipment, in one language. `sentences` say what it did and what it lost to; `failing` which
    conditions, or dates, kept it from matching. `gives` names what it would enclose or print, `gives_keys` the same by
    key.
    """

    rule_key: str
    name: str
    outcome: RuleOutcome
    outcome_words: str
    sentences: tuple[str, ...]
    condition: Explanation | None
    failing: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    gives_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlanExplanation:
    """`system` is what no rule asked for: care flags, stock policies, kept promises. `names`: what all is called."""

    system: tuple[str, ...]
    rules: tuple[RuleExplanation, ...]
    names: Naming = NO_NAMES


@dataclass(frozen=True, slots=True)
class DecisionExplanation(PlanExplanation):
    """`stored` is the decision, opened: its facts and its moment."""

    stored: StoredDecision | None = None

    @property
    def version_number(self) -> int | None:
        return None if self.stored is None or self.stored.version is None else self.stored.version.number


def explain(session: Session, shop_id: UUID, shipment_id: UUID, language: str) -> DecisionExplanation:
    """Explain the current decision in "ja" or "en". Raises DecisionNotFoundError, ErasedError."""
    return explain_decision(session, get_decision(session, shop_id, shipment_id), language)


def explain_decision(session: Session, decision: Decision, language: str) -> DecisionExplanation:
    """Explain any decision, superseded ones included. Raises ErasedError."""
    stored = open_decision(session, decision)
    batch = restore_batch(stored)
    names = load_naming(session, decision.shop_id, stored.rulebook, batch)
    told = explain_plan(stored.rulebook, batch, stored.dossier.plan, language, names)
    return DecisionExplanation(told.system, told.rules, names, stored)


def explain_plan(
    rulebook: Rulebook, batch: Batch, plan: Plan, language: str, names: Naming = NO_NAMES
) -> PlanExplanation:
    """Explain the plan of a batch of one, whether or not it was ever stored."""
    teller = _Teller(rulebook, batch, language, names)
    silent = Placing(rulebook.catalogue, batch.requests).find_silent(0, plan)
    fired: dict[str, list[str]] = {}
    for chosen in plan.fired:
        told = teller.say(describe_chosen(chosen, rulebook.inserts, names))
        fired.setdefault(chosen.rule_key, []).append(told + teller.tell_silence(chosen, silent))
    lost: dict[str, list[Lost]] = {}
    for entry in plan.lost:
        lost.setdefault(entry.rule_key, []).append(entry)
    system = tuple(text for key, texts in fired.items() if key.startswith("system:") for text in texts)
    rules = (teller.tell(rule, fired.get(rule.key, []), lost.get(rule.key, [])) for rule in rulebook.document.rules)
    return PlanExplanation(system, tuple(rules), names)


@dataclass(frozen=True, slots=True)
class _Teller:
    rulebook: Rulebook
    batch: Batch
    language: str
    names: Naming

    def say(self, words: Words) -> str:
        return words.ja if self.language == "ja" else words.en

    def tell_silence(self, chosen: Chosen, silent: Unplaced) -> str:
        """Say of a message that none of the papers has a place for it; nothing of any other."""
        keys = silent.get(chosen.slot or "") if chosen.kind is ActionKind.MESSAGE else None
        if keys is None:
            return ""
        papers = describe_papers(keys, self.names)
        ja = f"(印刷されません: {papers.ja}に載せる場所がありません)"
        return self.say(Words(ja, f" (not printed: {papers.en} has no place for it)"))

    def tell(self, rule: Rule, fired: list[str], lost: list[Lost]) -> RuleExplanation:
        outcome = self._find_outcome(rule, fired, lost)
        condition = None
        if rule.enabled:
            condition = Explainer(self.batch.evaluator, rule.audience, self.names).explain(rule.when, 0)
        reasons = [self.say(describe_lost(entry, self.rulebook, self.names)) for entry in lost]
        given = list(_list_given(rule))
        return RuleExplanation(
            rule_key=rule.key,
            name=rule.name[self.language],
            outcome=outcome,
            outcome_words=self.say(OUTCOME_WORDS[outcome]),
            sentences=(*fired, *reasons),
            condition=condition,
            failing=tuple(self._list_failing(rule, outcome, condition)),
            gives=tuple(self.say(self.names.say(*each)) for each in given),
            gives_keys=frozenset(key for _, key in given),
        )

    def _list_failing(self, rule: Rule, outcome: RuleOutcome, condition: Explanation | None) -> Iterator[str]:
        if outcome is RuleOutcome.NOT_VALID:
            accepted = self.batch.requests[0].accepted_at.astimezone(self.batch.zone).date()
            first, last = rule.valid_from or "", rule.valid_until or ""
            words = Words(
                f"期間は {first}〜{last} ですが、注文の受付は {accepted}",
                f"its dates are {first} – {last}, but the order was accepted on {accepted}",
            )
            yield self.say(words)
        elif outcome is RuleOutcome.NOT_MATCHED and condition is not None:
            yield from (self.say(words) for words in list_failing(condition))

    def _find_outcome(self, rule: Rule, fired: list[str], lost: list[Lost]) -> RuleOutcome:
        if not rule.enabled:
            return RuleOutcome.DISABLED
        if fired:
            return RuleOutcome.FIRED
        if lost:
            return RuleOutcome.LOST
        matched = self.batch.evaluator.evaluate(rule.when, rule.audience)[0] == TRUE
        if matched and not find_valid(rule, self.batch)[0]:
            return RuleOutcome.NOT_VALID
        return RuleOutcome.FIRED if matched else RuleOutcome.NOT_MATCHED


def _list_given(rule: Rule) -> Iterator[tuple[ValueKind, str]]:
    """Yield what a rule would enclose or print."""
    for action in rule.then:
        if action.insert_key is not None:
            yield ValueKind.INSERT, action.insert_key
        elif action.template is not None:
            yield ValueKind.TEMPLATE, action.template
        elif action.series is not None:
            yield ValueKind.SERIES, action.series
