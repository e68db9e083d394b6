"""The two rulesets of a backtest, with the inserts and the law of today."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.errors import RulesetError
from personalization.inserts import load_inserts
from personalization.legal.service import load_law
from personalization.problems import Problems
from personalization.publishing import read_version
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.catalogue import Catalogue, load_catalogue
from personalization.rulesets.parsing import parse_ruleset
from personalization.rulesets.ruleset import RulesetDocument


def load_live(session: Session, shop_id: UUID, version_id: UUID | None) -> Rulebook:
    """Return the rules of a version; none before anything was published."""
    inserts, law = load_inserts(session, shop_id), load_law(session, shop_id)
    if version_id is None:
        return Rulebook(RulesetDocument(), Catalogue(), inserts, law)
    return Rulebook(*read_version(session, version_id), inserts, law)


def load_draft(document: dict[str, Any], catalogue: dict[str, Any], live: Rulebook) -> Rulebook:
    """Return a draft beside the live rules. Raises RulesetError when this program does not understand it."""
    problems = Problems()
    parsed = parse_ruleset(document, problems)
    if parsed is None:
        raise RulesetError(problems.found)
    return Rulebook(parsed, load_catalogue(catalogue), live.inserts, live.law)
