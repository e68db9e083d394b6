"""The face shop in the database: everything there, its rules published, its people able to sign in."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from app.demo.face_seeding import seed_face
from app.demo.inserts import load_inserts
from app.demo.shop_setup import FACE, SIGN_INS, DemoShop, add_keys, add_people, make_shop
from core.auth.models import Grant, User
from core.db import Base, session_scope, system_scope
from crm_link.models import CareFlag, Consent, Customer, Touchpoint
from orders.catalogue.models import Product, ProductComponent
from personalization.models import Insert, InsertStock, RulesetVersion


@pytest.fixture
def shop(database: str, run_jobs: Callable[..., int]) -> DemoShop:
    made = make_shop(FACE, secret="a secret of the web shop, long enough")
    add_people(made)
    seed_face(made, date(2026, 11, 21))
    run_jobs()
    return made


def count(shop: DemoShop, table: type[Base]) -> int:
    with session_scope([shop.shop_id]) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_seeded_shop_holds_all_of_it(shop: DemoShop) -> None:
    inserts = load_inserts("face")
    assert count(shop, Product) >= 60
    assert count(shop, ProductComponent) > 10
    assert count(shop, Customer) == 300
    assert count(shop, Touchpoint) > 2_000
    assert count(shop, Consent) > 1_000
    assert count(shop, CareFlag) > 5
    assert count(shop, Insert) == len(inserts)
    assert count(shop, InsertStock) == sum(insert.kind != "task" for insert in inserts)


def test_its_rules_were_accepted_and_there_are_twelve_or_more(shop: DemoShop) -> None:
    with session_scope([shop.shop_id]) as session:
        version = session.scalars(select(RulesetVersion)).one()
        assert len(version.document["rules"]) >= 12


def test_people_and_keys_can_be_added_again(shop: DemoShop) -> None:
    add_people(shop)
    assert len(set(add_keys(shop, "one") + add_keys(shop, "two"))) == 4
    with system_scope() as session:
        assert session.scalar(select(func.count()).select_from(User)) == len(SIGN_INS)
        assert session.scalar(select(func.count()).select_from(Grant)) == len(SIGN_INS)
