"""What a shop's customers had bought until a moment, one entry each: all that the models are fitted on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from personalization.loading.blocks import read_numbers

Array = NDArray[np.float64]
# More customers do not make four parameters noticeably better; which ones are taken is fixed by their id.
MOST_CUSTOMERS: Final = 50_000
DAYS_PER_WEEK: Final = 7.0
# Purchases of one day count as one. Known by the moment, and not withdrawn by then: what came later is not seen.
SUMMARIES: Final = """
    SELECT 0 AS position, count(*) AS days, max(day) - min(day) AS recency, CAST(:today AS date) - min(day) AS age,
           CAST(:today AS date) - max(day) AS since, sum(purchases) AS purchases, sum(amount) AS amount,
           (array_agg(amount ORDER BY day))[1] AS first_amount
      FROM (SELECT customer_id, CAST(occurred_at AT TIME ZONE :zone AS date) AS day, count(*) AS purchases,
                   coalesce(sum(amount), 0) AS amount
              FROM touchpoints
             WHERE shop_id = :shop_id AND kind = 'purchase' AND occurred_at < :until AND known_at <= :until
               AND (retired_at IS NULL OR retired_at > :until)
             GROUP BY customer_id, day) AS days
     GROUP BY customer_id ORDER BY md5(CAST(customer_id AS text)) LIMIT :most
"""
COLUMNS: Final = ("days", "recency", "age", "since", "purchases", "amount", "first_amount")


@dataclass(frozen=True, slots=True)
class Summaries:
    """Times in days, amounts in the smallest unit; `days` counts days with a purchase, the first included."""

    days: Array
    recency: Array
    age: Array
    since: Array
    purchases: Array
    amount: Array
    first_amount: Array

    def __len__(self) -> int:
        return len(self.days)

    @property
    def repeats(self) -> Array:
        return self.days - 1

    @property
    def mean_repeat(self) -> Array:
        """The average amount of a purchase day after the first; NaN without one."""
        return np.where(self.repeats > 0, (self.amount - self.first_amount) / np.maximum(self.repeats, 1), np.nan)


def load_summaries(session: Session, shop_id: UUID, zone: ZoneInfo, until: datetime) -> Summaries:
    bound = {
        "shop_id": shop_id,
        "zone": str(zone),
        "until": until,
        "today": until.astimezone(zone).date(),
        "most": MOST_CUSTOMERS,
    }
    _, found = read_numbers(session, SUMMARIES, {name: name for name in COLUMNS}, bound)
    return Summaries(**found)
