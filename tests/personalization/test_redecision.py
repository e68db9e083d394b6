"""Deciding again equals deciding from scratch, whatever happened before and in whatever order."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from personalization.models import DecisionMode
from personalization.replaying import ReplayState
from tests.personalization.histories import begin, read, rules

STOCK = st.tuples(st.integers(0, 6), st.integers(0, 6))
SEEDS = st.integers(0, 2**32)
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
# A history costs a second or so: shrinking one would cost minutes.
PHASES = [Phase.explicit, Phase.generate]
pytestmark = pytest.mark.usefixtures("database")


def check_history(listed: list[dict[str, Any]], stock: tuple[int, int], codes: int, seed: int, acts: int) -> None:
    """After any history, deciding again one by one is deciding afresh all together, and freezing changes nothing."""
    history = begin(listed, stock, codes, seed)
    for _ in range(acts):
        history.act()
    again = history.read_again()
    assert again == history.read_fresh()
    history.world.check_counters()
    by_age = sorted(history.live, key=lambda request: request.seniority)
    frozen = {r.shipment_id: read(history.decide([r], DecisionMode.FREEZE)[0].plan) for r in by_age}
    assert frozen == again
    history.world.check_counters()
    assert history.replay_all() <= {ReplayState.IDENTICAL}


@settings(max_examples=6, deadline=None, phases=PHASES, suppress_health_check=QUIET)
@given(rules(), STOCK, st.integers(0, 4), SEEDS)
def test_deciding_again_equals_deciding_from_scratch(
    listed: list[dict[str, Any]], stock: tuple[int, int], codes: int, seed: int
) -> None:
    check_history(listed, stock, codes, seed, acts=6)


# Ten thousand in parts, so that all cores and several hours' limits are used well.
@pytest.mark.prove
@pytest.mark.parametrize("part", range(20))
@settings(max_examples=500, deadline=None, phases=PHASES, suppress_health_check=QUIET)
@given(listed=rules(), stock=STOCK, codes=st.integers(0, 4), seed=SEEDS)
def test_ten_thousand_histories(
    part: int, listed: list[dict[str, Any]], stock: tuple[int, int], codes: int, seed: int
) -> None:
    check_history(listed, stock, codes, seed * 100 + part, acts=seed % 9)
