"""The volume shop's past: each basket until November a purchase, each campaign sent, each coupon redeemed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

import numpy as np
import pandas as pd

from app.demo.volume_data import DECEMBER, TIME_ZONE, load_lines, read_table
from crm_link.kinds import TouchpointKind
from crm_link.records import TouchpointIn

SOURCE: Final = "completejourney"


def to_utc(moments: pd.Series) -> list[datetime]:
    """Return naive moments of the shop as aware ones in UTC."""
    aware = moments.dt.tz_localize(TIME_ZONE).dt.tz_convert(UTC)
    return [moment.to_pydatetime() for moment in aware]


def split_baskets(lines: pd.DataFrame) -> np.ndarray:
    """Return where each basket of sorted lines begins, and the end after them."""
    changes = np.flatnonzero(np.diff(lines["basket_id"].to_numpy())) + 1
    return np.concatenate([[0], changes, [len(lines)]])


@lru_cache(maxsize=1)
def load_categories() -> dict[int, str]:
    products = read_table("products").dropna(subset=["product_category"])
    return dict(zip(products["product_id"].tolist(), products["product_category"].tolist(), strict=True))


def make_purchases(lines: pd.DataFrame, customer_ids: Mapping[int, UUID]) -> Iterator[TouchpointIn]:
    """Yield one purchase per basket of `lines` (sorted by basket), with the SKUs and categories in it.

    Without lines of their own: 1.3 million of them cost 50 s to write, four times all the rest.
    """
    categories = load_categories()
    starts = split_baskets(lines)
    firsts = lines.iloc[starts[:-1]]
    products = lines["product_id"].tolist()
    heads = zip(
        firsts["household_id"].tolist(), firsts["basket_id"].tolist(), to_utc(firsts["at"]),
        np.add.reduceat(lines["amount"].to_numpy(), starts[:-1]).tolist(),
        np.add.reduceat(lines["quantity"].to_numpy(), starts[:-1]).tolist(),
        starts[:-1].tolist(), starts[1:].tolist(), strict=True,
    )  # fmt: skip
    for household, basket, at, amount, quantity, start, end in heads:
        bought = products[start:end]
        yield TouchpointIn(
            customer_id=customer_ids[household],
            kind=TouchpointKind.PURCHASE,
            source=SOURCE,
            external_id=str(basket),
            occurred_at=at,
            known_at=at,
            amount=amount,
            currency="JPY",
            quantity=quantity,
            channel="shop",
            skus=tuple(map(str, bought)),
            categories=tuple(sorted({categories[product] for product in bought})),
        )


def make_campaigns(customer_ids: Mapping[int, UUID]) -> Iterator[TouchpointIn]:
    """Yield the campaigns that began before December and the coupons redeemed before it."""
    sent = read_table("campaigns").merge(read_table("campaign_descriptions"), on="campaign_id")
    sent = sent[sent["start_date"] < DECEMBER].reset_index(drop=True)
    numbers = sent.groupby(["campaign_id", "household_id"]).cumcount()
    yield from _make_contacts(sent.assign(name=numbers), "start_date", TouchpointKind.CAMPAIGN, customer_ids)
    redeemed = read_table("coupon_redemptions")
    redeemed = redeemed[redeemed["redemption_date"] < DECEMBER].reset_index(drop=True)
    numbers = redeemed.groupby(["campaign_id", "household_id"]).cumcount()
    named = redeemed.assign(name=numbers)
    yield from _make_contacts(named, "redemption_date", TouchpointKind.CAMPAIGN_RESPONSE, customer_ids)


def _make_contacts(
    rows: pd.DataFrame, when: str, kind: TouchpointKind, customer_ids: Mapping[int, UUID]
) -> Iterator[TouchpointIn]:
    status = "received" if kind is TouchpointKind.CAMPAIGN else "redeemed"
    names = zip(rows["campaign_id"], rows["household_id"], rows["name"], to_utc(rows[when]), strict=True)
    for campaign, household, number, at in names:
        if household in customer_ids:
            yield TouchpointIn(
                customer_id=customer_ids[household],
                kind=kind,
                source=SOURCE,
                external_id=f"{campaign}-{household}-{number}",
                occurred_at=at,
                known_at=at,
                campaign=f"campaign-{campaign}",
                status=status,
                channel="mail" if kind is TouchpointKind.CAMPAIGN else "shop",
                title=f"キャンペーン {campaign}",
            )


def load_history() -> pd.DataFrame:
    """Return the merchandise lines until the end of November."""
    return load_lines().history
