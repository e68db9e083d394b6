"""Keeps the counters: a decision counts once it is printed by, and no more when its parcel is cancelled or returned."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import clock
from core.tenancy import get_shop

# Marks the decisions and adds what they did, in one statement. Counters are locked in one order (that of the primary
# key), so that printers of many parts never wait for each other in a ring. Erased decisions hold nothing to count.
COUNT: Final = text(
    """
    WITH wanted AS (
        SELECT id, shipment_id, version_id, accepted_at, counted_on, fired, lost,
               :is_final AND superseded_at IS NULL AND mode = 'freeze' AS stands
          FROM decisions
         WHERE shop_id = :shop_id AND shipment_id = ANY(:shipments) AND fired IS NOT NULL
           AND (counted_on IS NULL) = (:is_final AND superseded_at IS NULL AND mode = 'freeze')
         ORDER BY id FOR UPDATE
    ), marked AS (
        UPDATE decisions d SET counted_on = CASE WHEN w.stands THEN CAST(:today AS date) END
          FROM wanted w WHERE d.shop_id = :shop_id AND d.id = w.id
    ), signed AS (
        SELECT *, coalesce(counted_on, CAST(:today AS date)) AS day, CASE WHEN stands THEN 1 ELSE -1 END AS sign
          FROM wanted
    ), acted AS (
        SELECT w.id, did.rule_key, did.insert_key, coalesce(did.quantity, 1) AS quantity
          FROM signed w, jsonb_to_recordset(w.fired) AS did(rule_key text, insert_key text, quantity integer)
         WHERE NOT starts_with(did.rule_key, 'system:')
    ), failed AS (
        SELECT DISTINCT w.id, did.rule_key, did.reason,
               EXISTS (SELECT FROM acted a WHERE a.id = w.id AND a.rule_key = did.rule_key) AS has_acted
          FROM signed w, jsonb_to_recordset(w.lost) AS did(rule_key text, reason text)
         WHERE NOT starts_with(did.rule_key, 'system:')
    ), happened AS (
        SELECT id, '*' AS rule_key, 'considered' AS measure, coalesce(CAST(version_id AS text), '') AS subject,
               1 AS number FROM signed
        UNION ALL SELECT DISTINCT id, rule_key, 'fired', '', 1 FROM acted
        UNION ALL SELECT id, rule_key, 'given', insert_key, quantity FROM acted WHERE insert_key IS NOT NULL
        UNION ALL SELECT DISTINCT id, rule_key, 'lost', '', 1 FROM failed WHERE NOT has_acted
        UNION ALL SELECT id, rule_key, CASE WHEN has_acted THEN 'left_out' ELSE 'reason' END, reason, 1 FROM failed
    )
    INSERT INTO rule_counts (shop_id, rule_key, measure, day, subject, count, example_id)
    SELECT :shop_id, h.rule_key, h.measure, w.day, h.subject, sum(h.number * w.sign),
           (array_agg(w.shipment_id ORDER BY w.accepted_at DESC) FILTER (WHERE w.stands))[1]
      FROM happened h JOIN signed w ON w.id = h.id
     GROUP BY h.rule_key, h.measure, w.day, h.subject
     ORDER BY h.rule_key, h.measure, w.day, h.subject
    ON CONFLICT (shop_id, rule_key, measure, day, subject) DO UPDATE
       SET count = rule_counts.count + excluded.count,
           example_id = coalesce(excluded.example_id, rule_counts.example_id)
    """
)


def count_final(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Count the decisions by which these shipments were printed, in place of those of an earlier printing.

    May be repeated. Call it last in a transaction: the counters of the day stay locked until it ends.
    """
    _count(session, shop_id, shipment_ids, is_final=True)


def uncount(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> None:
    """Take these shipments out of the counters (cancelled, merged into another, come back). May be repeated."""
    _count(session, shop_id, shipment_ids, is_final=False)


def _count(session: Session, shop_id: UUID, shipment_ids: Collection[UUID], *, is_final: bool) -> None:
    if not shipment_ids:
        return
    today = clock.now().astimezone(get_shop(session, shop_id).zone).date()
    bound = {"shop_id": shop_id, "shipments": list(shipment_ids), "today": today, "is_final": is_final}
    session.execute(COUNT, bound)
