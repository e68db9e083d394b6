"""The volume shop's past."""

from datetime import UTC, datetime
from uuid import UUID

from app.demo.volume_data import load_lines
from app.demo.volume_history import load_history, make_campaigns, make_purchases
from crm_link.kinds import TouchpointKind

CUSTOMERS = {int(household): UUID(int=int(household)) for household in load_lines().lines["household_id"].unique()}
DECEMBER = datetime(2017, 11, 30, 15, tzinfo=UTC)  # Midnight in Tokyo.


def test_every_basket_until_november_is_one_purchase_of_its_whole_amount() -> None:
    history = load_history()
    purchases = list(make_purchases(history, CUSTOMERS))
    assert len(purchases) == history["basket_id"].nunique() == len({p.external_id for p in purchases})
    assert sum(purchase.amount or 0 for purchase in purchases) == history["amount"].sum()
    assert sum(purchase.quantity or 0 for purchase in purchases) == history["quantity"].sum()
    assert max(purchase.occurred_at for purchase in purchases) < DECEMBER


def test_campaigns_and_redemptions_before_december_are_contacts_with_names_of_their_own() -> None:
    contacts = list(make_campaigns(CUSTOMERS))
    assert {c.kind for c in contacts} == {TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE}
    assert len({(c.kind, c.external_id) for c in contacts}) == len(contacts)
    assert all(c.occurred_at < DECEMBER for c in contacts)
