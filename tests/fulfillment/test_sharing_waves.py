"""How a wave is shared into parts: nobody is left out, no part is too large, and what a shop has said is so."""

from hypothesis import given
from hypothesis import strategies as st

from core.tenancy import Shop
from fulfillment.printing.waves import LARGEST_PART, LARGEST_WAVE, PART_SETTING, PART_SIZE, share_wave

SHIPMENTS = st.integers(1, LARGEST_WAVE)


@given(SHIPMENTS)
def test_everybody_is_in_one_part_and_the_last_part_is_the_smallest(shipments: int) -> None:
    sizes = share_wave(Shop(profile={}), shipments)
    assert sum(sizes) == shipments
    assert 0 < min(sizes) <= max(sizes) <= LARGEST_PART
    assert sizes[-1] == min(sizes)
    assert len(sizes) > 1 or shipments <= 50


@given(st.integers(2 * PART_SIZE + 1, LARGEST_WAVE))
def test_the_first_two_parts_are_not_decided_at_the_same_moment(shipments: int) -> None:
    first, second = share_wave(Shop(profile={}), shipments)[:2]
    assert first > second * 3 / 2


@given(st.integers(PART_SIZE + 1, LARGEST_WAVE))
def test_two_workers_end_together(shipments: int) -> None:
    busy = [0, 0]
    for size in share_wave(Shop(profile={}), shipments):
        busy[busy.index(min(busy))] += size
    assert max(busy) - min(busy) <= shipments / 10


@given(SHIPMENTS, st.integers(1, LARGEST_PART))
def test_a_shop_gets_the_size_that_it_has_said(shipments: int, size: int) -> None:
    sizes = share_wave(Shop(profile={PART_SETTING: size}), shipments)
    assert sum(sizes) == shipments
    assert set(sizes[:-1]) <= {size}
    assert 0 < sizes[-1] <= size


def test_two_thousand_are_two_pairs_and_the_rest() -> None:
    assert share_wave(Shop(profile={}), 2000) == [500, 300, 500, 300, 200, 100, 100]
    assert share_wave(Shop(profile={}), 400) == [200, 200]
    assert share_wave(Shop(profile={}), 50) == [50]
