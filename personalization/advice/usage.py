"""Advice on live rules that have not acted for long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text

from personalization.advice.advice import Notebook
from personalization.advice.subjects import ShopNow, Subject
from personalization.models import RulesetVersion

DAYS: Final = 30
# Fewer shipments say nothing; more are not looked at.
LEAST: Final = 50
MOST: Final = 5000
# Ids of shipments are in the order of their making: the newest decisions come first, from the index.
FIRED: Final = text(
    """
    WITH newest AS (
        SELECT fired FROM decisions
         WHERE shop_id = :shop_id AND superseded_at IS NULL AND erased_at IS NULL AND decided_at >= :since
         ORDER BY shipment_id DESC LIMIT :most)
    SELECT (SELECT count(*) FROM newest) AS total,
           (SELECT array_agg(DISTINCT chosen ->> 'rule_key')
              FROM newest, jsonb_array_elements(newest.fired) chosen) AS fired
    """
)


def advise_usage(shop: ShopNow, subjects: Sequence[Subject], notebook: Notebook) -> None:
    """Point out rules that were live for a month, were in force, and acted on nothing."""
    since = shop.now - timedelta(days=DAYS)
    standing = _list_standing(shop, since)
    asked = [subject for subject in subjects if subject.rule.enabled and subject.rule.key in standing]
    asked = [subject for subject in asked if subject.rule.valid_from is None or subject.rule.valid_from <= since.date()]
    if not asked:
        return
    row = shop.session.execute(FIRED, {"shop_id": shop.shop_id, "since": since, "most": MOST}).one()
    if row.total < LEAST:
        return
    fired = set(row.fired or ())
    for subject in asked:
        if subject.rule.key not in fired:
            notebook.say(subject.place, "unused", subject.rule.key, days=DAYS, count=row.total)


def _list_standing(shop: ShopNow, since: datetime) -> set[str]:
    """Return the rules that were switched on in the version that was live then."""
    rules: Any = shop.session.scalar(
        select(RulesetVersion.document["rules"])
        .where(RulesetVersion.shop_id == shop.shop_id, RulesetVersion.published_at <= since)
        .order_by(RulesetVersion.number.desc())
        .limit(1)
    )
    return {str(rule.get("key")) for rule in rules or () if isinstance(rule, dict) and rule.get("enabled", True)}
