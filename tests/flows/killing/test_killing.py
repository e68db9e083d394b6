"""kill -9 at random moments: nothing lost, nothing twice, the same counts as an undisturbed run of the same seed."""

from collections.abc import Iterator, Sequence

import pytest

from core import db
from core.settings import get_settings
from tests.flows.killing.counting import (
    check_chain,
    count_shop,
    count_unsealed,
    find_doubles,
    read_all_files,
)
from tests.flows.killing.killer import Killer
from tests.flows.killing.patience import read, wait_for
from tests.flows.killing.program import EVERYTHING, PARTS, Program, running
from tests.flows.killing.workday import Workday

SEEDS = 20


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Program]:
    """The whole program, which every seed of this file uses."""
    folder = tmp_path_factory.mktemp("killing")
    with pytest.MonkeyPatch.context() as patch, running(folder) as found:
        # This process looks into the database and the files of that program.
        patch.setenv("SOEGAKI_DATA_DIR", str(folder))
        get_settings.cache_clear()
        db.configure(found.places.database_url())
        yield found
        db.configure(database_url)
    get_settings.cache_clear()


def count_day(program: Program, day: Workday) -> dict[str, dict[str, int]]:
    """Return the counts of a day that is over, once the program is there again."""
    program.await_answer()
    assert read(lambda: find_doubles(day.shop_id)) == {}
    counts = read(lambda: count_shop(day.shop_id))
    assert read(lambda: read_all_files(day.shop_id)) == sum(counts["files"].values())
    return counts


def disturb(program: Program, day: Workday, killer: Killer) -> dict[str, dict[str, int]]:
    """Run a day with a killer at large."""
    day.progress.on_step, day.progress.on_last_act = killer.hear, killer.hear_last_act
    killer.start()
    try:
        day.run()
    finally:
        killer.stop()
    return count_day(program, day)


def check_counts(counts: dict[str, dict[str, int]]) -> None:
    """What must hold in any run: counters and rows tell the same, everything expected is proven, all jobs are done."""
    assert counts["units"] == counts["proven"]
    assert counts["taken"] == counts["packed"]
    assert not any(counts["reserved"].values())
    assert counts["unfinished_jobs"] == {}
    assert set(counts["events"]) == {"worked"}
    assert counts["parcels"] == {"handed_over": counts["shipments"]["handed_over"]}
    assert counts["orders"]["all"] == counts["shipments"]["handed_over"] + counts["cancelled"]["orders"]


def run_seed(program: Program, seed: int, orders: int, rounds: int, parts: Sequence[str] = PARTS) -> None:
    undisturbed = Workday(program.base_url, seed, orders)
    undisturbed.run()
    calm = count_day(program, undisturbed)
    check_counts(calm)
    killer = Killer(program, seed, steps=undisturbed.progress.steps, rounds=rounds, parts=parts)
    assert disturb(program, Workday(program.base_url, seed, orders), killer) == calm, dict(killer.killed)
    assert set(killer.killed) == set(parts), dict(killer.killed)
    wait_for(lambda: count_unsealed() == 0, "every audit entry sealed")
    verification = check_chain()
    assert verification.broken is None
    assert verification.unsealed == 0


@pytest.mark.flow
@pytest.mark.timeout(600)
def test_whatever_is_killed_the_counts_are_those_of_an_undisturbed_run(program: Program) -> None:
    run_seed(program, 1, orders=16, rounds=1)


@pytest.mark.flow
@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, SEEDS + 1))
def test_whatever_is_killed_with_many_seeds(program: Program, seed: int) -> None:
    run_seed(program, seed, orders=40, rounds=3, parts=(*PARTS, EVERYTHING))
