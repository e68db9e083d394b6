"""Advice from the shop's own figures: stock against pace, and how many customers have granted a purpose."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select, text

from personalization.advice.advice import Notebook
from personalization.advice.conditions import name_purpose
from personalization.advice.subjects import ShopNow, Subject
from personalization.conditions.explanation import Words
from personalization.insert_info import InsertInfo, Inserts
from personalization.inserts import list_stock
from personalization.models import Allotment, AllotmentState
from personalization.plan import ActionKind
from personalization.rulesets.ruleset import Action, Rule

# The weeks that pace is taken from.
PACE_DAYS: Final = 28
# A rule without an end is warned of when its insert lasts no longer.
SOON_DAYS: Final = 14
FEW: Final = 0.3
# So many customers, the newest, answer for all.
ASKED: Final = 2000
GRANTED: Final = text(
    """
    WITH asked AS (
        SELECT id FROM customers
         WHERE shop_id = :shop_id AND joined_into_id IS NULL AND erased_at IS NULL
         ORDER BY id DESC LIMIT :most)
    SELECT purpose, count(latest.state) FILTER (WHERE latest.state = 'granted') AS granted, count(*) AS total
      FROM unnest(CAST(:purposes AS text[])) AS purpose CROSS JOIN asked
      LEFT JOIN LATERAL (
          SELECT c.state FROM consents c
           WHERE c.shop_id = :shop_id AND c.customer_id = asked.id AND c.purpose = purpose AND c.occurred_at <= :now
           ORDER BY c.occurred_at DESC, c.state LIMIT 1) latest ON true
     GROUP BY purpose
    """
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Pieces a day by rule and insert, as promised or packed lately."""

    promised: Mapping[tuple[str, str], float]
    matches: Mapping[str, float]  # rule key → expected matches a day, where somebody counted them

    def find(self, rule: Rule, action: Action) -> float:
        """Return the pieces a day that this action takes."""
        if rule.key in self.matches:
            return self.matches[rule.key] * action.quantity
        return self.promised.get((rule.key, action.insert_key or ""), 0.0)


def advise_supplies(
    shop: ShopNow, subjects: Sequence[Subject], inserts: Inserts, matches: Mapping[str, float], notebook: Notebook
) -> None:
    """Say which inserts are gone, or will be before their rule ends, at the pace of all rules of the document."""
    enclosing = list(_list_enclosing(subjects, inserts))
    if not enclosing:
        return
    available = _count_available(shop)
    pace = Pace(_measure_pace(shop, subjects, inserts), matches)
    together: dict[str, float] = defaultdict(float)
    for subject, _, action, insert in enclosing:
        together[insert.key] += pace.find(subject.rule, action)
    for subject, index, _, insert in enclosing:
        place = f"{subject.place}.then[{index}].insert"
        stock = _Stock(insert, available.get(insert.key), together[insert.key])
        _advise_stock(subject, place, stock, shop.today, notebook)


def _list_enclosing(subjects: Sequence[Subject], inserts: Inserts) -> Iterator[tuple[Subject, int, Action, InsertInfo]]:
    for subject in subjects:
        for index, action in enumerate(subject.rule.then):
            insert = inserts.get(action.insert_key or "")
            if subject.rule.enabled and action.kind is ActionKind.ENCLOSE and insert is not None and insert.stocked:
                yield subject, index, action, insert


@dataclass(frozen=True, slots=True)
class _Stock:
    insert: InsertInfo
    available: int | None
    pace: float

    @property
    def name(self) -> Words:
        return Words(self.insert.name_ja, self.insert.name_en)


def _advise_stock(subject: Subject, place: str, stock: _Stock, today: date, notebook: Notebook) -> None:
    rule = subject.rule
    if stock.available is None:
        notebook.say(place, "never_counted", rule.key, insert=stock.name)
    elif stock.available <= 0:
        notebook.say(place, "out_of_stock", rule.key, insert=stock.name)
    elif stock.pace > 0 and not _is_capped(rule, stock.available):
        days = int(stock.available / stock.pace)
        out = today + timedelta(days=min(days, 3650))
        last = rule.valid_until
        if out < last if last is not None else days < SOON_DAYS:
            end = (
                Words("", "")
                if last is None
                else Words(f"ルールは{last}まで続きます。", f"The rule lasts until {last}.")
            )
            told = f"{stock.pace:.1f}".removesuffix(".0")
            notebook.say(place, "runs_out", rule.key, insert=stock.name, pace=told, day=out, end=end)


def _is_capped(rule: Rule, available: int) -> bool:
    """Whether the rule's own limit ends before the stock does."""
    caps = [limit.count for limit in rule.limits if not limit.per_customer]
    pieces = max(action.quantity for _, action in rule.physical) if rule.physical else 1
    return bool(caps) and min(caps) * pieces <= available


def _count_available(shop: ShopNow) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for level in list_stock(shop.session, shop.shop_id):
        found[level.insert_key] += level.available
    return dict(found)


def _measure_pace(shop: ShopNow, subjects: Sequence[Subject], inserts: Inserts) -> dict[tuple[str, str], float]:
    since = shop.now - timedelta(days=PACE_DAYS)
    keys = {insert.id: insert.key for insert in inserts.values()}
    rows = shop.session.execute(
        select(Allotment.rule_key, Allotment.insert_id, func.sum(Allotment.quantity), func.min(Allotment.accepted_at))
        .where(
            Allotment.shop_id == shop.shop_id,
            Allotment.rule_key.in_([subject.rule.key for subject in subjects]),
            Allotment.accepted_at >= since,
            Allotment.state.in_((AllotmentState.RESERVED, AllotmentState.PACKED)),
            Allotment.insert_id.is_not(None),
        )
        .group_by(Allotment.rule_key, Allotment.insert_id)
    )
    # A rule that began last week is measured over that week.
    return {
        (rule_key, keys[insert_id]): float(pieces) / max(7.0, (shop.now - first).total_seconds() / 86400)
        for rule_key, insert_id, pieces, first in rows
        if insert_id in keys
    }


def advise_purposes(shop: ShopNow, subjects: Sequence[Subject], notebook: Notebook) -> None:
    """Say which purposes few customers have granted, asked of the newest customers."""
    needed = sorted({purpose for subject in subjects for purpose in subject.rule.purposes})
    if not needed:
        return
    bound = {"shop_id": shop.shop_id, "purposes": needed, "most": ASKED, "now": shop.now}
    counts = {row.purpose: (row.granted, row.total) for row in shop.session.execute(GRANTED, bound)}
    for subject in subjects:
        for purpose in sorted(subject.rule.purposes):
            granted, total = counts.get(purpose, (0, 0))
            if total and granted / total < FEW:
                notebook.say(
                    f"{subject.place}.purposes",
                    "few_granted",
                    subject.rule.key,
                    purpose=name_purpose(purpose),
                    share=round(100 * granted / total),
                    granted=granted,
                    all=total,
                )
