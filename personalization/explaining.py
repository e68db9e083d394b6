"""Why a shipment got what it got, and why not the rest: every rule, in plain words, from the stored inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.conditions.explanation import Explainer, Explanation, Words
from personalization.conditions.operators import TRUE
from personalization.models import Decision
from personalization.plan import Lost, Plan
from personalization.queries import get_decision, open_decision
from personalization.reason_words import describe_chosen, describe_lost
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
    """One rule on one shipment, in one language. `sentences` say what it did and what it lost to."""

    rule_key: str
    name: str
    outcome: RuleOutcome
    outcome_words: str
    sentences: tuple[str, ...]
    condition: Explanation | None


@dataclass(frozen=True, slots=True)
class DecisionExplanation:
    """`system` are sentences about what no rule asked for: care flags, stock policies, kept promises."""

    decision: Decision
    version_number: int | None
    system: tuple[str, ...]
    rules: tuple[RuleExplanation, ...]


def explain(session: Session, shop_id: UUID, shipment_id: UUID, language: str) -> DecisionExplanation:
    """Explain the current decision in "ja" or "en". Raises DecisionNotFoundError, ErasedError."""
    return explain_decision(session, get_decision(session, shop_id, shipment_id), language)


def explain_decision(session: Session, decision: Decision, language: str) -> DecisionExplanation:
    """Explain any decision, superseded ones included. Raises ErasedError."""
    stored = open_decision(session, decision)
    told = explain_plan(stored.rulebook, restore_batch(stored), stored.dossier.plan, language)
    return DecisionExplanation(
        decision, None if stored.version is None else stored.version.number, told.system, told.rules
    )


@dataclass(frozen=True, slots=True)
class PlanExplanation:
    """What no rule asked for, and every rule in turn."""

    system: tuple[str, ...]
    rules: tuple[RuleExplanation, ...]


def explain_plan(rulebook: Rulebook, batch: Batch, plan: Plan, language: str) -> PlanExplanation:
    """Explain the plan of a batch of one, whether or not it was ever stored."""
    teller = _Teller(rulebook, batch, language)
    fired: dict[str, list[str]] = {}
    for chosen in plan.fired:
        fired.setdefault(chosen.rule_key, []).append(teller.say(describe_chosen(chosen, rulebook.inserts)))
    lost: dict[str, list[Lost]] = {}
    for entry in plan.lost:
        lost.setdefault(entry.rule_key, []).append(entry)
    system = tuple(text for key, texts in fired.items() if key.startswith("system:") for text in texts)
    rules = (teller.tell(rule, fired.get(rule.key, []), lost.get(rule.key, [])) for rule in rulebook.document.rules)
    return PlanExplanation(system, tuple(rules))


@dataclass(frozen=True, slots=True)
class _Teller:
    rulebook: Rulebook
    batch: Batch
    language: str

    def say(self, words: Words) -> str:
        return words.ja if self.language == "ja" else words.en

    def tell(self, rule: Rule, fired: list[str], lost: list[Lost]) -> RuleExplanation:
        outcome = self._find_outcome(rule, fired, lost)
        condition = None
        if rule.enabled:
            condition = Explainer(self.batch.evaluator, rule.audience).explain(rule.when, 0)
        reasons = [self.say(describe_lost(entry, self.rulebook)) for entry in lost]
        return RuleExplanation(
            rule_key=rule.key,
            name=rule.name[self.language],
            outcome=outcome,
            outcome_words=self.say(OUTCOME_WORDS[outcome]),
            sentences=(*fired, *reasons),
            condition=condition,
        )

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
