"""Counts over history equal a slow, obvious count: windows, filters, late news, cancellations, ties, clock changes."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from core.db import session_scope
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn
from crm_link.service import record_touchpoints
from personalization.facts.fact import AsOf
from personalization.facts.question import Question, ask
from personalization.loading import fetching
from personalization.loading.counting_plans import plan_counting
from personalization.loading.loader import Loading
from tests.factories.crm_link import make_touchpoint
from tests.personalization.world import World, make_world

BERLIN = ZoneInfo("Europe/Berlin")
# The clocks of Berlin changed on 2026-03-29 and 2026-10-25.
AROUND = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
CATEGORIES, CHANNELS, CAMPAIGNS = ("tea", "sweets", "complaint"), ("web", "shop"), ("spring", "autumn")
Seen = Sequence[TouchpointIn]
QUESTIONS: dict[str, tuple[TouchpointKind, Callable[[Seen], float | None]]] = {
    "history.purchase_count": (TouchpointKind.PURCHASE, len),
    "history.average_purchase": (TouchpointKind.PURCHASE, lambda seen: average([t.amount for t in seen])),
    "history.largest_purchase": (
        TouchpointKind.PURCHASE,
        lambda seen: max(known([t.amount for t in seen]), default=None),
    ),
    "history.ticket_count": (TouchpointKind.SUPPORT_TICKET, len),
    "history.open_ticket_count": (TouchpointKind.SUPPORT_TICKET, lambda seen: sum(t.status != "closed" for t in seen)),
    "history.average_survey_score": (TouchpointKind.SURVEY, lambda seen: average([t.score for t in seen])),
    "history.campaign_count": (TouchpointKind.CAMPAIGN, len),
}
NARROWED: dict[TouchpointKind, dict[str, tuple[str, ...]]] = {
    TouchpointKind.PURCHASE: {"categories": CATEGORIES, "channels": CHANNELS},
    TouchpointKind.SUPPORT_TICKET: {"topics": CATEGORIES},
    TouchpointKind.SURVEY: {"campaigns": CAMPAIGNS},
    TouchpointKind.CAMPAIGN: {"campaigns": CAMPAIGNS},
}


def known(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def average(values: Sequence[Any]) -> float | None:
    there = known(values)
    return sum(there) / len(there) if there else None


def draw_touchpoint(chance: random.Random, customer_id: UUID) -> TouchpointIn:
    at = AROUND + timedelta(hours=chance.randrange(-24 * 220, 48))
    kind = chance.choice(list(NARROWED))
    late = timedelta(days=chance.choice([0, 0, 0, 3]))
    return make_touchpoint(
        customer_id,
        kind=kind,
        occurred_at=at,
        known_at=at + late,
        amount=chance.choice([None, 1000, 2500]) if kind is TouchpointKind.PURCHASE else None,
        score=float(chance.randrange(1, 6)) if kind is TouchpointKind.SURVEY else None,
        status=chance.choice([None, "open", "closed"]),
        channel=chance.choice([None, *CHANNELS]),
        campaign=chance.choice([None, *CAMPAIGNS]),
        categories=tuple(chance.sample(CATEGORIES, chance.randrange(len(CATEGORIES) + 1))),
    )


def draw_question(chance: random.Random) -> Question:
    key = chance.choice(list(QUESTIONS))
    parameters: dict[str, Any] = {"days": chance.choice([1, 2, 30, 180])} if chance.random() < 0.7 else {}
    if chance.random() < 0.3:
        parameters["skip_days"] = chance.choice([1, 7])
    for name, words in NARROWED[QUESTIONS[key][0]].items():
        if chance.random() < 0.4:
            parameters[name] = chance.sample(words, chance.randrange(1, 3))
    allowed = {parameter.key for parameter in ask(key).fact.parameters}
    return ask(key, **{name: value for name, value in parameters.items() if name in allowed})


def count_slowly(question: Question, touchpoints: Seen, moment: datetime, as_of: AsOf) -> float | None:
    """Look at every touchpoint in turn."""
    kind, combine = QUESTIONS[question.key]
    today = moment.astimezone(BERLIN).date()
    seen = []
    for touchpoint in touchpoints:
        age = (today - touchpoint.occurred_at.astimezone(BERLIN).date()).days
        is_before = touchpoint.occurred_at < moment or kind is not TouchpointKind.PURCHASE
        if touchpoint.kind is not kind or touchpoint.occurred_at > moment or not is_before:
            continue
        if as_of is AsOf.KNOWN and touchpoint.known_at > moment:
            continue
        if all(fits(name, value, touchpoint, age) for name, value in question.parameters):
            seen.append(touchpoint)
    return combine(seen)


def fits(name: str, value: Any, touchpoint: TouchpointIn, age: int) -> bool:
    tests: dict[str, Callable[[], bool]] = {
        "days": lambda: age <= value,
        "skip_days": lambda: age > value,
        "categories": lambda: bool(set(value) & set(touchpoint.categories)),
        "topics": lambda: bool(set(value) & set(touchpoint.categories)),
        "channels": lambda: touchpoint.channel in value,
        "campaigns": lambda: touchpoint.campaign in value,
    }
    return tests[name]()


def check(world: World, seed: int, questions: int) -> None:
    chance = random.Random(seed)
    names = ["alice", "bob", "carol"]
    told = {name: [draw_touchpoint(chance, world.customer(name)) for _ in range(40)] for name in names}
    with session_scope([world.shop_id]) as session:
        record_touchpoints(session, world.shop_id, [touchpoint for listed in told.values() for touchpoint in listed])
    asked = sorted({draw_question(chance) for _ in range(questions)}, key=lambda question: question.code)
    buyers = [chance.choice(names) for _ in range(12)]
    moments = [AROUND + timedelta(hours=chance.randrange(-24 * 100, 48)) for _ in buyers]
    requests = [
        replace(world.request(f"{seed}-{number}", buyer=buyer), moment=moment, accepted_at=moment)
        for number, (buyer, moment) in enumerate(zip(buyers, moments, strict=True))
    ]
    for as_of in AsOf:
        with session_scope([world.shop_id]) as session:
            columns = Loading(session, world.shop_id, BERLIN, requests, as_of).load(asked)
        for question in asked:
            for row, (buyer, moment) in enumerate(zip(buyers, moments, strict=True)):
                expected = count_slowly(question, told[buyer], moment, as_of)
                found = columns[question].get(row)
                assert found == (None if expected is None else pytest.approx(expected)), (question.code, as_of, row)


@pytest.mark.parametrize("seed", range(3))
def test_counts_equal_a_slow_count(database: str, seed: int) -> None:
    check(make_world(), seed, questions=40)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 150))
def test_counts_equal_a_slow_count_at_full_size(database: str, seed: int) -> None:
    check(make_world(), seed, questions=200)


@pytest.mark.parametrize("many", [1, 10_000])
def test_counts_of_many_persons_are_the_same_fetched_ahead_or_not(
    database: str, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(fetching, "FEW", 0)
    monkeypatch.setattr(fetching, "MANY", many)
    check(make_world(), 7, questions=40)


def test_of_many_each_family_of_kinds_is_read_by_itself_and_every_question_answered_once() -> None:
    keys = [*QUESTIONS, "history.unused_campaign_count", "history.web_count"]
    asked = (*(ask(key) for key in keys), ask("history.purchase_amount", skus=["A"]))
    [together, of_lines] = plan_counting(asked)
    apart = plan_counting(asked, of_many=True)
    assert set(together.wanted.kinds) == {kind for plan in apart for kind in plan.wanted.kinds}
    kinds = [set(plan.wanted.kinds) for plan in apart if not plan.wanted.by_line]
    assert kinds == [
        {TouchpointKind.PURCHASE},
        {TouchpointKind.SUPPORT_TICKET, TouchpointKind.SURVEY, TouchpointKind.WEB},
        {TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE},
    ]
    assert apart[-1].wanted == of_lines.wanted
    assert sorted(q.code for plan in apart for q in plan.questions) == sorted(q.code for q in asked)
