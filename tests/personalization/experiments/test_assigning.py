"""Which arm a customer is in: stable, keyed, as the shares say, one or many."""

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from personalization.experiments.assigning import HELD_OUT, WHOLE, Arms, ExperimentInfo, assign, read_arms

HALVES = ExperimentInfo(key="tea", salt="pepper", shares={"a": 5000})
THIRDS = ExperimentInfo(key="tea", salt="salt", shares={"a": 2000, "b": 3000, "c": 1000})


def test_the_arm_of_a_customer_never_changes() -> None:
    known = [UUID(int=number) for number in (1, 2, 3, 2026)]
    # Written down once: a later program must put the same people into the same arms.
    assert assign(HALVES, known) == ["a", "a", HELD_OUT, HELD_OUT]
    assert assign(THIRDS, known) == [HELD_OUT, "b", HELD_OUT, "b"]


@given(st.lists(st.uuids(), min_size=1, max_size=50))
def test_a_batch_assigns_as_one_by_one(customers: list[UUID]) -> None:
    assert assign(THIRDS, customers) == [assign(THIRDS, [customer])[0] for customer in customers]


def test_shares_are_kept() -> None:
    customers = [uuid4() for _ in range(40_000)]
    counted = Counter(assign(THIRDS, customers))
    for arm, share in {**THIRDS.shares, HELD_OUT: 4000}.items():
        expected = share / WHOLE
        assert abs(counted[arm] / 40_000 - expected) < 5 * (expected * (1 - expected) / 40_000) ** 0.5


def test_two_experiments_split_independently() -> None:
    customers = [uuid4() for _ in range(40_000)]
    other = ExperimentInfo(key="other", salt="different", shares={"a": 5000})
    both = Counter(zip(assign(HALVES, customers), assign(other, customers), strict=True))
    assert all(abs(count / 40_000 - 0.25) < 0.015 for count in both.values())


def test_the_whole_share_leaves_nobody_out() -> None:
    everybody = ExperimentInfo(key="tea", salt="s", shares={"a": 5000, "b": 5000})
    assert HELD_OUT not in assign(everybody, [uuid4() for _ in range(2000)])
    assert assign(everybody, []) == []


def test_what_is_kept_with_a_decision_comes_back() -> None:
    alice, bob = uuid4(), uuid4()
    arms = Arms({"tea": {alice: "a", bob: "b"}}, {"old": "c"}, "shop")
    kept = arms.only([bob, None])
    assert kept.of == {"tea": {bob: "b"}}
    assert read_arms(kept.to_json()) == kept
