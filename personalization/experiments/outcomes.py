"""What came of an experiment: read from touchpoints after assignment, counted by arm, day and what was really packed.

A customer counts from the day on which their whole window has passed; until then they wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from personalization.experiments.intervals import Sample, make_share
from personalization.experiments.models import Experiment, ExperimentKind, Metric
from personalization.resolver.gates import PROMOTIONAL

# Whom outcomes speak of: not who was erased, who is somebody else now, or who denied being measured.
IS_MEASURED: Final = """
    c.erased_at IS NULL AND c.joined_into_id IS NULL
    AND (SELECT x.state FROM consents x
          WHERE x.shop_id = :shop_id AND x.customer_id = a.customer_id AND x.purpose = 'measurement'
          ORDER BY x.occurred_at DESC, (x.state = 'denied') DESC, x.recorded_at DESC LIMIT 1) IS DISTINCT FROM 'denied'
"""
MEMBERS: Final = f"""
    members AS MATERIALIZED (
        SELECT a.customer_id, a.arm, a.assigned_at, a.assigned_at + :span AS until
          FROM assignments a JOIN customers c ON c.shop_id = :shop_id AND c.id = a.customer_id
         WHERE a.shop_id = :shop_id AND a.experiment_id = :experiment_id AND {IS_MEASURED})
"""
# The rules that were bound to the experiment, in every version that ever decided. A rule with an insert was carried out
# when pieces of it were packed; one with papers only, when the parcel left.
BOUND: Final = """
    bound AS MATERIALIZED (
        SELECT v.id AS version_id, r ->> 'key' AS rule_key, r -> 'experiment' ->> 'arm' AS arm,
               EXISTS (SELECT FROM jsonb_array_elements(r -> 'then') x
                        WHERE x ->> 'do' IN ('enclose', 'task')) AS physical
          FROM ruleset_versions v CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'rules') r
         WHERE v.shop_id = :shop_id AND r -> 'experiment' ->> 'key' = :key)
"""
HAS_PAPERS: Final = text(f"WITH {BOUND} SELECT EXISTS (SELECT FROM bound WHERE NOT physical)")
INSERTS_BY_RULES: Final = """
    SELECT m.customer_id, m.arm, m.until, al.insert_id, al.packed_quantity AS pieces, al.shipment_id
      FROM allotments al
      JOIN decisions d ON d.id = al.decision_id
      JOIN bound b ON b.version_id = d.version_id AND b.rule_key = al.rule_key
      JOIN members m ON m.customer_id = al.customer_id AND m.arm = b.arm
     WHERE al.shop_id = :shop_id AND al.rule_key = ANY(ARRAY(SELECT DISTINCT rule_key FROM bound))
       AND al.state = 'packed' AND al.packed_quantity > 0
       AND al.insert_id IS NOT NULL AND al.packed_at BETWEEN m.assigned_at AND m.until
"""
# LATERAL: a customer has few decisions, whatever the planner thinks of tables that were just filled.
PAPERS_BY_RULES: Final = """
    SELECT m.customer_id, m.arm, m.until, CAST(NULL AS uuid), 1, d.shipment_id
      FROM members m
     CROSS JOIN LATERAL (
            SELECT x.version_id, x.shipment_id, x.fired FROM decisions x
             WHERE x.shop_id = :shop_id AND x.customer_id = m.customer_id AND x.superseded_at IS NULL
             UNION
            SELECT x.version_id, x.shipment_id, x.fired FROM decisions x
             WHERE x.shop_id = :shop_id AND x.recipient_customer_id = m.customer_id AND x.superseded_at IS NULL) d
      JOIN bound b ON b.version_id = d.version_id AND b.arm = m.arm AND NOT b.physical
       AND d.fired @> jsonb_build_array(jsonb_build_object('rule_key', b.rule_key))
     CROSS JOIN LATERAL (
            SELECT FROM touchpoints t
             WHERE t.shop_id = :shop_id AND t.source = 'soegaki' AND t.kind = 'parcel'
               AND t.external_id = CAST(d.shipment_id AS text) AND t.state <> 'superseded' AND t.state = 'active'
               AND t.occurred_at BETWEEN m.assigned_at AND m.until) parcel
"""
BY_PROMOTION: Final = """
    packed AS MATERIALIZED (
        SELECT m.customer_id, m.arm, m.until, al.insert_id, al.packed_quantity AS pieces, al.shipment_id
          FROM members m
          JOIN allotments al ON al.shop_id = :shop_id AND al.customer_id = m.customer_id AND al.state = 'packed'
           AND al.packed_quantity > 0 AND al.packed_at BETWEEN m.assigned_at AND m.until
          JOIN inserts i ON i.id = al.insert_id AND i.kind = ANY(:promotional))
"""
COUNT: Final = """
    SELECT arm, is_packed, CAST(until AT TIME ZONE :zone AS date) AS matured_on, count(*) AS customers,
           count(*) FILTER (WHERE orders > 0) AS repeat, sum(revenue) AS revenue,
           sum(CAST(revenue AS numeric) * revenue) AS revenue_squares,
           count(*) FILTER (WHERE visits > 0) AS qr_visit, count(*) FILTER (WHERE contacts > 0) AS support
      FROM (SELECT m.arm, m.until, m.customer_id IN (SELECT customer_id FROM packed) AS is_packed, happened.*
              FROM members m
             CROSS JOIN LATERAL (
                    SELECT count(*) FILTER (WHERE t.kind = 'purchase') AS orders,
                           coalesce(sum(t.amount) FILTER (WHERE t.kind = 'purchase'), 0) AS revenue,
                           count(*) FILTER (WHERE t.kind = 'qr_visit') AS visits,
                           count(*) FILTER (WHERE t.kind = 'support_ticket') AS contacts
                      FROM touchpoints t
                     WHERE t.shop_id = :shop_id AND t.customer_id = m.customer_id
                       AND t.kind IN ('purchase', 'qr_visit', 'support_ticket')
                       AND t.occurred_at > m.assigned_at AND t.occurred_at <= m.until
                       AND t.retired_at IS NULL AND t.state = 'active' AND t.known_at <= :now
                       AND (t.currency IS NULL OR t.currency = :currency)) happened
             WHERE m.until <= :now) each_customer
     GROUP BY arm, is_packed, matured_on ORDER BY matured_on, arm, is_packed
"""
PIECES: Final = """
    SELECT arm, insert_id, sum(pieces) AS pieces, count(DISTINCT shipment_id) AS parcels
      FROM packed WHERE until <= :now GROUP BY arm, insert_id ORDER BY arm, insert_id
"""
ENROLLED: Final = text(
    f"""
    SELECT arm, count(*) AS assigned, count(*) FILTER (WHERE is_member) AS members,
           count(*) FILTER (WHERE is_member AND until > :now) AS waiting, min(assigned_at) AS first_at,
           max(until) FILTER (WHERE is_member) AS last_until
      FROM (SELECT a.arm, a.assigned_at, a.assigned_at + :span AS until, {IS_MEASURED} AS is_member
              FROM assignments a JOIN customers c ON c.shop_id = :shop_id AND c.id = a.customer_id
             WHERE a.shop_id = :shop_id AND a.experiment_id = :experiment_id) everybody
     GROUP BY arm
    """
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The customers of one arm whose windows ended on one day, packed for or not, and what each metric says of them."""

    arm: str
    is_packed: bool
    matured_on: date
    samples: dict[Metric, Sample]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """`left_out` were erased, joined into somebody else, or denied being measured; `waiting` have days left."""

    assigned: int
    left_out: int
    waiting: int
    first_at: datetime
    last_until: datetime | None


@dataclass(frozen=True, slots=True)
class Pieces:
    """What was packed for an arm: pieces of an insert (None: papers only) in so many parcels."""

    arm: str
    insert_id: UUID | None
    pieces: int
    parcels: int


@dataclass(frozen=True)
class Reading:
    """How one experiment is read: `now` cuts off what nobody could know yet."""

    session: Session
    experiment: Experiment
    zone: ZoneInfo
    currency: str
    now: datetime

    def count_outcomes(self) -> list[Cell]:
        """Return the cells, oldest day first. One statement."""
        return [_make_cell(row) for row in self._run(COUNT)]

    def count_pieces(self) -> list[Pieces]:
        return [Pieces(row.arm, row.insert_id, int(row.pieces), row.parcels) for row in self._run(PIECES)]

    def count_enrolled(self) -> dict[str, Enrolled]:
        rows = self.session.execute(ENROLLED, self._parameters)
        return {
            row.arm: Enrolled(row.assigned, row.assigned - row.members, row.waiting, row.first_at, row.last_until)
            for row in rows
        }

    def _run(self, wanted: str) -> Sequence[Any]:
        more: dict[str, Any] = {"zone": str(self.zone), "currency": self.currency} if wanted is COUNT else {}
        if self.experiment.kind is ExperimentKind.RULES:
            parts = [INSERTS_BY_RULES, PAPERS_BY_RULES] if self._has_papers else [INSERTS_BY_RULES]
            packed = f"{BOUND}, packed AS MATERIALIZED ({' UNION ALL '.join(parts)})"
            more["key"] = self.experiment.key
        else:
            packed = BY_PROMOTION
            more["promotional"] = [str(kind) for kind in PROMOTIONAL]
        statement = text(f"WITH {MEMBERS}, {packed} {wanted}")
        return self.session.execute(statement, self._parameters | more).all()

    @cached_property
    def _has_papers(self) -> bool:
        bound = {"shop_id": self.experiment.shop_id, "key": self.experiment.key}
        return bool(self.session.scalar(HAS_PAPERS, bound))

    @property
    def _parameters(self) -> dict[str, Any]:
        return {
            "shop_id": self.experiment.shop_id,
            "experiment_id": self.experiment.id,
            "span": timedelta(days=self.experiment.window_days),
            "now": self.now,
        }


def _make_cell(row: Any) -> Cell:
    samples = {metric: make_share(getattr(row, metric), row.customers) for metric in SHARES}
    samples[Metric.REVENUE] = Sample(row.customers, float(row.revenue), float(row.revenue_squares))
    return Cell(row.arm, row.is_packed, row.matured_on, samples)


SHARES: Final = (Metric.REPEAT, Metric.QR_VISIT, Metric.SUPPORT)
