"""How a wave is shared into parts: nobody is left out, no part is too large, and what a shop has said is so."""

from hypothesis import given
from hypothesis import strategies as st

from core.tenancy import Shop
from fulfillment.printing.waves import LARGEST_PART, LARGEST_WAVE, PART_SETTING, PART_SIZE, share_wave

SHIPMENTS = st.integers(1, LARGEST_WAVE)


@given(SHIPMENTS)
def test_everybody_is_in_one_part_and_the_last_parts_are_the_small_ones(shipments: int) -> None:
    sizes = share_wave(Shop(profile={}), shipments)
    assert sum(sizes) == shipments
    assert 0 < min(sizes) <= max(sizes) <= PART_SIZE
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 1 or shipments <= 50


@given(SHIPMENTS, st.integers(1, LARGEST_PART))
def test_a_shop_gets_the_size_that_it_has_said(shipments: int, size: int) -> None:
    sizes = share_wave(Shop(profile={PART_SETTING: size}), shipments)
    assert sum(sizes) == shipments
    assert set(sizes[:-1]) <= {size}
    assert 0 < sizes[-1] <= size


def test_two_thousand_are_four_large_parts_and_four_small_ones() -> None:
    assert share_wave(Shop(profile={}), 2000) == [400] * 4 + [100] * 4
    assert share_wave(Shop(profile={}), 400) == [200, 200]
    assert share_wave(Shop(profile={}), 50) == [50]
