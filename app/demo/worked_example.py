"""The worked example of docs/experiments.md: the volume shop's real campaigns, and an A/A split of the same people.

`python -m app.demo.worked_example` prints its figures, `--json` as one object. Needs the `demo` extra, no database.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID, uuid5

import numpy as np
import pandas as pd

from app.demo.volume_data import load_lines, read_table
from personalization.experiments.assigning import ExperimentInfo, assign
from personalization.experiments.intervals import (
    Interval,
    Sample,
    compare_means,
    compare_shares,
    estimate_share,
    make_share,
)
from personalization.experiments.sizing import Question, size_fixed, size_watched

CAMPAIGN: Final = 18  # the largest: 1,133 households
WINDOW: Final = pd.Timedelta(days=30)
BEFORE: Final = pd.Timedelta(days=90)
SPLITS: Final = 1000
PEOPLE: Final = UUID("5b0a3f1e-6c0e-5f57-9d63-3e1f7a2c9b18")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two groups: share of households that bought, and yen per household, each with the difference and its interval."""

    first: int
    second: int
    first_share: float
    second_share: float
    share_difference: Interval
    first_yen: float
    second_yen: float
    yen_difference: Interval


def sum_baskets(start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return by household its yen and its baskets within [start, end)."""
    lines = load_lines().lines
    within = lines[(lines["at"] >= start) & (lines["at"] < end)]
    return within.groupby("household_id").agg(yen=("amount", "sum"), baskets=("basket_id", "nunique"))


def compare(bought: pd.DataFrame, first: pd.Index, second: pd.Index) -> Compared:
    """Compare two groups of households; who bought nothing counts with nothing."""
    groups = [bought.reindex(index, fill_value=0) for index in (first, second)]
    shares = [make_share(int((group["baskets"] > 0).sum()), len(group)) for group in groups]
    money = [_sum_up(group["yen"].to_numpy(dtype=float)) for group in groups]
    return Compared(
        len(first),
        len(second),
        shares[0].mean,
        shares[1].mean,
        compare_shares(shares[0], shares[1]),
        money[0].mean,
        money[1].mean,
        compare_means(money[0], money[1]),
    )


def _sum_up(values: np.ndarray) -> Sample:
    return Sample(len(values), float(values.sum()), float((values**2).sum()))


def split(households: pd.Index, salt: str) -> tuple[pd.Index, pd.Index]:
    """Return two halves by the program's own assignment."""
    info = ExperimentInfo(key="a-a", salt=salt, shares={"a": 5000, "b": 5000})
    arms = np.array(assign(info, [uuid5(PEOPLE, str(number)) for number in households]))
    return households[arms == "a"], households[arms == "b"]


def count_false_winners(bought: pd.DataFrame, households: pd.Index) -> dict[str, float]:
    """Return how many of a thousand A/A splits found a difference where there is none, at 95 %."""
    found = [compare(bought, *split(households, f"split {number}")) for number in range(SPLITS)]
    return {
        "share": sum(each.share_difference.excludes_zero for each in found) / SPLITS,
        "yen": sum(each.yen_difference.excludes_zero for each in found) / SPLITS,
    }


def work_out() -> dict[str, Any]:
    """Return every figure of the example."""
    described = read_table("campaign_descriptions").astype({"campaign_id": int}).set_index("campaign_id").loc[CAMPAIGN]
    start = pd.Timestamp(str(described["start_date"]))
    campaigns = read_table("campaigns").astype({"campaign_id": int})
    everybody = pd.Index(sorted(load_lines().lines["household_id"].unique()))
    sent = everybody.intersection(pd.Index(campaigns[campaigns["campaign_id"] == CAMPAIGN]["household_id"]))
    others = everybody.difference(sent)
    redeemed = read_table("coupon_redemptions").astype({"campaign_id": int})
    users = redeemed[redeemed["campaign_id"] == CAMPAIGN]["household_id"].nunique()
    before, after = sum_baskets(start - BEFORE, start), sum_baskets(start, start + WINDOW)
    halves = split(everybody, "docs")
    share = (after.reindex(everybody, fill_value=0)["baskets"] > 0).mean()
    question = Question(baseline=float(share), effect=-0.05, spread=None, control=0.5, arm=0.5)
    return {
        "campaign": CAMPAIGN,
        "start": str(start.date()),
        "households": len(everybody),
        "redeemed": asdict(estimate_share(make_share(int(users), len(sent)))),
        "sent_before": asdict(compare(before, sent, others)),
        "sent_after": asdict(compare(after, sent, others)),
        "split_before": asdict(compare(before, *halves)),
        "split_after": asdict(compare(after, *halves)),
        "false_winners": count_false_winners(after, everybody),
        "size_fixed": size_fixed(question),
        "size_watched": size_watched(question),
    }


def _say(title: str, found: Mapping[str, Any]) -> str:
    shares, yen = found["share_difference"], found["yen_difference"]
    return (
        f"{title} ({found['first']:,} / {found['second']:,})\n"
        f"  bought: {found['first_share']:.1%} / {found['second_share']:.1%}, difference {shares['estimate']:+.1%} "
        f"[{shares['low']:+.1%} … {shares['high']:+.1%}]\n"
        f"  yen:    {found['first_yen']:,.0f} / {found['second_yen']:,.0f}, difference {yen['estimate']:+,.0f} "
        f"[{yen['low']:+,.0f} … {yen['high']:+,.0f}]"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app.demo.worked_example")
    parser.add_argument("--json", action="store_true", dest="as_json")
    found = work_out()
    if parser.parse_args().as_json:
        print(json.dumps(found))
        return
    redeemed, false = found["redeemed"], found["false_winners"]
    print(f"Campaign {found['campaign']} of {found['start']}, {found['households']:,} households")
    print(f"  coupon used: {redeemed['estimate']:.1%} [{redeemed['low']:.1%} … {redeemed['high']:.1%}]")
    print(_say("Sent / not sent, 90 days before", found["sent_before"]))
    print(_say("Sent / not sent, 30 days after", found["sent_after"]))
    print(_say("A / A, 90 days before", found["split_before"]))
    print(_say("A / A, 30 days after", found["split_after"]))
    print(f"{SPLITS:,} A/A splits: false differences {false['share']:.1%} (bought), {false['yen']:.1%} (yen)")
    print(f"Households needed to find 5 points: {found['size_fixed']:,} at the end, {found['size_watched']:,} daily")


if __name__ == "__main__":
    main()
