"""Fills the face shop: its goods, rules, customers and a year of history."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.face_catalogue import load_products
from app.demo.face_history import make_history
from app.demo.face_people import RANK_SCHEME, SOURCE, FaceCustomer, make_customers
from app.demo.seeding import seed_products, seed_rules, seed_touchpoints
from app.demo.shop_setup import DemoShop
from core.db import session_scope
from crm_link.records import AttributeIn, ConsentIn, PersonIn, RankIn, TagIn
from crm_link.service import (
    record_consents,
    resolve_customers,
    set_attributes,
    set_care_flag,
    set_ranks,
    set_tags,
)

SEED: Final = 20260401
_TOKYO: Final = ZoneInfo("Asia/Tokyo")


def seed_face(shop: DemoShop, today: date) -> list[FaceCustomer]:
    """Write everything but orders; returns the customers."""
    seed_products(shop, load_products())
    seed_rules(shop, "face")
    customers = make_customers(seed=SEED, today=today)
    customer_ids = _seed_people(shop, customers, today)
    seed_touchpoints(shop, make_history(customers, customer_ids, today=today, seed=SEED))
    return customers


def _seed_people(shop: DemoShop, customers: Sequence[FaceCustomer], today: date) -> list[UUID]:
    since = datetime.combine(today - timedelta(days=365), time(9), _TOKYO)
    with session_scope([shop.shop_id]) as session:
        customer_ids = resolve_customers(session, shop.shop_id, [_to_person(c, since) for c in customers])
        pairs = list(zip(customers, customer_ids, strict=True))
        record_consents(session, shop.shop_id, [row for pair in pairs for row in _to_consents(*pair, since)])
        set_attributes(session, shop.shop_id, [row for pair in pairs for row in _to_attributes(*pair, since)])
        ranks = [
            RankIn(customer_id=number, rank=c.rank, source=SOURCE, scheme=RANK_SCHEME, known_at=since)
            for c, number in pairs
        ]
        set_ranks(session, shop.shop_id, ranks)
        tags = [
            TagIn(customer_id=number, tag=tag, source=SOURCE, known_at=since) for c, number in pairs for tag in c.tags
        ]
        set_tags(session, shop.shop_id, tags)
        for customer, customer_id in pairs:
            for care in customer.care:  # Some twenty people: flags are set one by one, each with its sealed note.
                set_care_flag(
                    session, shop.shop_id, customer_id, care.kind, subject=care.subject, note=care.note, source=SOURCE
                )
    return customer_ids


def _to_person(customer: FaceCustomer, since: datetime) -> PersonIn:
    person = customer.person
    return PersonIn(
        source=SOURCE,
        external_id=customer.crm_ref,
        name=person.full_name,
        kana=f"{person.last_kana} {person.first_kana}",
        email=person.email,
        phone=person.phone,
        postal_code=person.zip_code,
        region=person.prefecture,
        address1=f"{person.city}{person.street}",
        address2=person.building or None,
        known_at=since,
    )


def _to_consents(customer: FaceCustomer, customer_id: UUID, since: datetime) -> list[ConsentIn]:
    return [
        ConsentIn(
            customer_id=customer_id,
            purpose=purpose,
            state=state,
            source=SOURCE,
            occurred_at=since,
            known_at=since,
            evidence="会員登録時の確認画面",
        )
        for purpose, state in customer.consents.items()
    ]


def _to_attributes(customer: FaceCustomer, customer_id: UUID, since: datetime) -> list[AttributeIn]:
    values: dict[str, str | date] = {
        "birthday": customer.person.born_on,
        "gender": customer.person.gender,
        "skin_type": customer.skin_type,
    }
    return [
        AttributeIn(customer_id=customer_id, name=name, value=value, source=SOURCE, known_at=since)
        for name, value in values.items()
    ]
