"""The worked example reckons with the program's own functions; its figures in the guide come from its command."""

import pandas as pd
import pytest

from app.demo.worked_example import compare, split, work_out
from tests.architecture.sources import ROOT

BOUGHT = pd.DataFrame({"yen": [1000, 3000, 500], "baskets": [1, 2, 1]}, index=pd.Index([1, 2, 9], name="household_id"))


def test_who_bought_nothing_counts_with_nothing() -> None:
    found = compare(BOUGHT, pd.Index([1, 2]), pd.Index([3, 9]))
    assert (found.first_share, found.second_share) == (1, 0.5)
    assert (found.first_yen, found.second_yen) == (2000, 250)


def test_a_split_is_stable_and_leaves_nobody_out() -> None:
    households = pd.Index(range(1, 501))
    first, second = split(households, "docs")
    assert first.union(second).equals(households)
    assert first.equals(split(households, "docs")[0])
    assert 200 < len(first) < 300


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_guide_has_the_figures_of_the_command() -> None:
    found, guide = work_out(), (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    for name in ("sent_before", "sent_after", "split_after"):
        for value in (found[name]["first_yen"], found[name]["second_yen"]):
            assert f"¥{value:,.0f}" in guide, (name, value)
    assert f"{found['redeemed']['estimate']:.1%}" in guide
    assert f"{found['size_fixed']:,}" in guide
    assert f"{found['size_watched']:,}" in guide
