"""How a limit that is reached reads in a plan."""

from typing import Any

from personalization.plan import Reason
from personalization.resolver.enclosing import Obstacle
from personalization.rulesets.ruleset import Limit


def make_limit_obstacle(limit: Limit, count: int) -> Obstacle:
    """Return what stops a rule that was used `count` times already."""
    details: dict[str, Any] = {"limit": limit.count, "count": count}
    if not limit.per_customer:
        return Obstacle(Reason.LIMIT_OVERALL, details)
    if limit.within_days is None:
        return Obstacle(Reason.LIMIT_PER_CUSTOMER, details)
    return Obstacle(Reason.LIMIT_WITHIN_DAYS, {**details, "days": limit.within_days})
