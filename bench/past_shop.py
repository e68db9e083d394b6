"""A shop with a long history, made set by set inside PostgreSQL: what the measurements of deciding work on.

Everything follows from the seed. Row-level security is on when it is read; it is written by the database's owner, who
leaves out the indexes of the largest table until it is full.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from core.db import get_url, session_scope
from core.sealing import wrap
from documents.service import install_gallery
from orders.catalogue.models import DeliveryService
from orders.kinds import LetterClass
from personalization.inserts import save_inserts
from tests.factories.core import make_shop, make_warehouse

CATEGORIES: Final = ("tea", "skin-care", "sweets", "tableware", "incense", "gift", "season", "subscription")
CHANNELS: Final = ("web", "shop", "telephone", "mail")
TOPICS: Final = ("complaint", "delivery", "product", "return", "other")
PREFECTURES: Final = (
    "北海道",
    "宮城県",
    "東京都",
    "神奈川県",
    "愛知県",
    "京都府",
    "大阪府",
    "広島県",
    "福岡県",
    "沖縄県",
)
RANKS: Final = ("bronze", "silver", "gold", "platinum")
TAGS: Final = ("vip", "wholesale", "newsletter", "reviewer", "local", "press", "staff", "event")
# Kind → share of the history in percent.
KINDS: Final = {
    "purchase": 26, "campaign": 24, "campaign_response": 6, "web": 22, "parcel": 8, "qr_visit": 4,
    "support_ticket": 3, "survey": 3, "attendance": 2, "sales_activity": 2,
}  # fmt: skip
WORDS: Final = {
    "channels": CHANNELS,
    "topics": TOPICS,
    "categories": CATEGORIES,
    "prefectures": PREFECTURES,
    "ranks": RANKS,
    "tags": TAGS,
}
PRODUCTS: Final = 240
CAMPAIGNS: Final = 60
NOW: Final = "2026-11-01 00:00+09"
YEARS: Final = 3
DAYS_SHIPPED: Final = 180


@dataclass(frozen=True)
class PastShop:
    shop_id: UUID
    warehouse_id: UUID


def make_past_shop(*, seed: int, touchpoints: int, shipments: int, customers: int) -> PastShop:
    """Make the shop, its goods and inserts through the program, and its past by SQL."""
    warehouse_id = make_warehouse()
    shop_id = make_shop(warehouse_id=warehouse_id)
    with session_scope([shop_id]) as session:
        save_inserts(session, shop_id, list_inserts())
        install_gallery(session, shop_id)
        session.add_all(_make_services(shop_id))
    bound = {
        "shop": shop_id,
        "warehouse": warehouse_id,
        "customers": customers,
        "touchpoints": touchpoints,
        "shipments": shipments,
        # One key for all: nothing is measured by how many there are.
        "wrapped": wrap(secrets.token_bytes(32)),
        "now": NOW,
        "years": YEARS,
        "shipped": DAYS_SHIPPED,
        "products": PRODUCTS,
        "campaigns": CAMPAIGNS,
        "kinds": [kind for kind, share in KINDS.items() for _ in range(share)],
        **{name: list(words) for name, words in WORDS.items()},
    }
    url = get_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection, seed, bound)
    return PastShop(shop_id, warehouse_id)


def _make_services(shop_id: UUID) -> list[DeliveryService]:
    """Return a parcel without limits and a letterbox service of 30 mm."""
    return [
        DeliveryService(
            shop_id=shop_id,
            key=key,
            carrier="bench",
            name=key,
            name_en=key,
            letter_class=LetterClass.COVER_NOTE,
            sealed_allowed=False,
            max_thickness_mm=thickness,
            max_weight_g=weight,
            temperature_zones=["ambient"],
        )
        for key, thickness, weight in (("parcel", None, None), ("mail", 30, 1000))
    ]


def list_inserts() -> list[dict[str, Any]]:
    """Sixty inserts: leaflets, samples of which some are short, coupons, gifts."""
    kinds = ("leaflet", "sample", "coupon", "gift", "leaflet", "sample")
    return [
        {
            "key": f"insert-{number}",
            "name": {"ja": f"同梱物{number}", "en": f"Insert {number}"},
            "kind": kinds[number % len(kinds)],
            "weight_g": 5 + number % 20,
            "thickness_mm": number % 4,
            "unit_cost": 10 + number * 3 % 80,
            "market_value": 50 + number * 7 % 300,
            "stocked": number % 3 != 0,
            "when_out": "skip" if number % 10 else "back_order",
            "limit_per_customer": 2 if number % 12 == 5 else None,
        }
        for number in range(60)
    ]


def fill(connection: psycopg.Connection[Any], seed: int, bound: dict[str, Any]) -> None:
    """Run the statements one after the other; `draw(n, salt)` is a number in [0, 1) that follows from the seed."""
    # Whoever wrote the rows knows what they refer to.
    connection.execute("SET session_replication_role = replica")
    connection.execute(DRAW.replace(":seed", str(seed)))
    connection.execute(NUMBERED)
    for statement in (PEOPLE, MARKS, GOODS):
        for part in statement.split(";"):
            if part.strip():
                connection.execute(part, bound)
    indexes = connection.execute(INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute(HISTORY, bound)
    for _, definition in indexes:
        connection.execute(definition)
    for part in ORDERS.split(";"):
        if part.strip():
            connection.execute(part, bound)
    connection.execute("VACUUM ANALYZE")


DRAW: Final = """
CREATE OR REPLACE FUNCTION pg_temp.draw(n bigint, salt integer) RETURNS double precision LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(n, :seed * 1000 + salt) & 2147483647) / 2147483648.0 $$
"""
# Ids that grow with their number, as those of the program do.
NUMBERED: Final = """
CREATE OR REPLACE FUNCTION pg_temp.numbered(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT CAST('019a' || kind || '00-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid) $$
"""
PEOPLE: Final = """
INSERT INTO sealing_keys (id, shop_id, wrapped, created_at)
SELECT pg_temp.numbered('0a', n), %(shop)s, %(wrapped)s, CAST(%(now)s AS timestamptz) - interval '4 years'
  FROM generate_series(1, %(customers)s) n;
INSERT INTO customers (id, shop_id, key_id, created_at, updated_at, version)
SELECT pg_temp.numbered('01', n), %(shop)s, pg_temp.numbered('0a', n),
       CAST(%(now)s AS timestamptz) - interval '4 years', CAST(%(now)s AS timestamptz), 1
  FROM generate_series(1, %(customers)s) n;
INSERT INTO source_identities (id, shop_id, source, external_id, created_at)
SELECT pg_temp.numbered('02', n), %(shop)s, 'bench', 'C' || n, CAST(%(now)s AS timestamptz) - interval '4 years'
  FROM generate_series(1, %(customers)s) n;
INSERT INTO identity_links (id, shop_id, identity_id, customer_id, valid_from, made_by, reason)
SELECT pg_temp.numbered('03', n), %(shop)s, pg_temp.numbered('02', n), pg_temp.numbered('01', n),
       CAST(%(now)s AS timestamptz) - interval '4 years', 'bench', 'new'
  FROM generate_series(1, %(customers)s) n;
INSERT INTO contacts (id, shop_id, identity_id, customer_id, name, country, region, known_at, recorded_at)
SELECT pg_temp.numbered('04', n), %(shop)s, pg_temp.numbered('02', n), pg_temp.numbered('01', n), '架空 花子', 'JP',
       (CAST(%(prefectures)s AS text[]))[1 + (pg_temp.draw(n, 1) * 10)::int %% 10],
       CAST(%(now)s AS timestamptz) - interval '4 years', CAST(%(now)s AS timestamptz) - interval '4 years'
  FROM generate_series(1, %(customers)s) n
"""
MARKS: Final = """
INSERT INTO attributes (id, shop_id, customer_id, name, type, date_value, source, known_at, recorded_at)
SELECT pg_temp.numbered('05', n), %(shop)s, pg_temp.numbered('01', n), 'birthday', 'date',
       DATE '1950-01-01' + (pg_temp.draw(n, 2) * 20000)::int, 'bench', k.at, k.at
  FROM generate_series(1, %(customers)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '4 years' AS at) k
 WHERE pg_temp.draw(n, 3) < 0.7;
INSERT INTO attributes (id, shop_id, customer_id, name, type, text_value, source, known_at, recorded_at)
SELECT pg_temp.numbered('06', n), %(shop)s, pg_temp.numbered('01', n), 'language', 'text',
       CASE WHEN pg_temp.draw(n, 4) < 0.9 THEN 'ja' ELSE 'en' END, 'bench', k.at, k.at
  FROM generate_series(1, %(customers)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '4 years' AS at) k;
INSERT INTO attributes (id, shop_id, customer_id, name, type, number_value, source, known_at, recorded_at)
SELECT pg_temp.numbered('07', n), %(shop)s, pg_temp.numbered('01', n), 'children', 'number',
       (pg_temp.draw(n, 5) * 4)::int, 'bench', k.at, k.at
  FROM generate_series(1, %(customers)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '4 years' AS at) k
 WHERE pg_temp.draw(n, 6) < 0.5;
INSERT INTO tags (id, shop_id, customer_id, tag, present, source, known_at, recorded_at)
SELECT pg_temp.numbered('08', n * 4 + m), %(shop)s, pg_temp.numbered('01', n), (CAST(%(tags)s AS text[]))[
       1 + ((pg_temp.draw(n, 7) * 8)::int + m * 3) %% 8], true, 'bench', k.at, k.at
  FROM generate_series(1, %(customers)s) n, generate_series(0, 1) m,
       (SELECT CAST(%(now)s AS timestamptz) - interval '3 years' AS at) k
 WHERE pg_temp.draw(n, 8 + m) < 0.4;
INSERT INTO ranks (id, shop_id, customer_id, scheme, rank, source, known_at, recorded_at)
SELECT pg_temp.numbered('09', n), %(shop)s, pg_temp.numbered('01', n), 'member',
       (CAST(%(ranks)s AS text[]))[1 + (pg_temp.draw(n, 11) ^ 2 * 4)::int %% 4], 'bench', k.at, k.at
  FROM generate_series(1, %(customers)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '2 years' AS at) k;
INSERT INTO consents (id, shop_id, customer_id, purpose, state, source, occurred_at, known_at, recorded_at)
SELECT pg_temp.numbered('0b', n * 4 + m), %(shop)s, pg_temp.numbered('01', n),
       (ARRAY['personalisation', 'marketing', 'letter'])[m],
       CASE WHEN pg_temp.draw(n, 12 + m) < 0.92 THEN 'granted' ELSE 'denied' END, 'bench', k.at, k.at, k.at
  FROM generate_series(1, %(customers)s) n, generate_series(1, 3) m,
       (SELECT CAST(%(now)s AS timestamptz) - interval '4 years' AS at) k;
INSERT INTO care_flags (id, shop_id, customer_id, kind, subject, valid_from, source, recorded_at)
SELECT pg_temp.numbered('0c', n), %(shop)s, pg_temp.numbered('01', n),
       CASE WHEN pg_temp.draw(n, 17) < 0.5 THEN 'allergy' ELSE 'no_samples' END,
       CASE WHEN pg_temp.draw(n, 17) < 0.5 THEN 'wheat' END, k.at, 'bench', k.at
  FROM generate_series(1, %(customers)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '1 year' AS at) k
 WHERE pg_temp.draw(n, 16) < 0.02
"""
GOODS: Final = """
INSERT INTO products (id, shop_id, sku, name, category, weight_g, thickness_mm, tax_rate, temperature_zone,
                      ships, is_set, attributes, active, created_at, updated_at)
SELECT pg_temp.numbered('10', n), %(shop)s, 'SKU-' || n, '商品' || n,
       (CAST(%(categories)s AS text[]))[1 + n %% 8], 50 + n %% 300, 5 + n %% 30, 0.10, 'ambient', true, false, '{}',
       true, k.at, k.at
  FROM generate_series(1, %(products)s) n, (SELECT CAST(%(now)s AS timestamptz) - interval '4 years' AS at) k;
INSERT INTO insert_stock (shop_id, warehouse_id, insert_id, counted, counted_at, reserved, packed)
SELECT shop_id, %(warehouse)s, id, CASE WHEN key ~ '[05]$' THEN %(shipments)s / 200 ELSE %(shipments)s END,
       CAST(%(now)s AS timestamptz), 0, 0
  FROM inserts WHERE shop_id = %(shop)s AND stocked
"""
INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
 WHERE indrelid = 'touchpoints'::regclass AND NOT indisprimary
"""
# Time goes on with the number, persons come and go: rows of one customer lie far from each other, as they do in life.
HISTORY: Final = """
WITH drawn AS (
    SELECT n, 1 + (pg_temp.draw(n, 20) ^ 1.3 * (%(customers)s - 1))::int AS person,
           (CAST(%(kinds)s AS text[]))[1 + (pg_temp.draw(n, 21) * 100)::int %% 100] AS kind,
           CAST(%(now)s AS timestamptz) - %(years)s * interval '365 days' * (1 - n / %(touchpoints)s::float8) AS at,
           pg_temp.draw(n, 22) AS u, pg_temp.draw(n, 23) AS v, pg_temp.draw(n, 24) AS w
      FROM generate_series(1::bigint, %(touchpoints)s) n),
touch AS (
    INSERT INTO touchpoints (id, shop_id, customer_id, kind, source, external_id, occurred_at, known_at, recorded_at,
                             retired_at, state, amount, currency, quantity, channel, campaign, status, score, skus,
                             categories, title, attributes, digest)
    SELECT pg_temp.numbered('20', n), %(shop)s, pg_temp.numbered('01', person), kind, 'crm', 'T' || n, at,
           CASE WHEN u < 0.05 THEN at + v * interval '20 days' ELSE at END, at + interval '1 hour',
           CASE WHEN v < 0.01 THEN at + w * interval '30 days' + interval '21 days' END,
           CASE WHEN v < 0.01 THEN 'cancelled' ELSE 'active' END,
           CASE WHEN kind = 'purchase' THEN 500 + (u * u * 20000)::int END,
           CASE WHEN kind = 'purchase' THEN 'JPY' END,
           CASE WHEN kind = 'purchase' THEN 2 + (u * 3)::int END,
           CASE WHEN kind IN ('purchase', 'web', 'sales_activity')
                THEN (CAST(%(channels)s AS text[]))[1 + (v * 4)::int %% 4] END,
           CASE WHEN kind IN ('campaign', 'campaign_response', 'survey', 'qr_visit', 'attendance', 'web')
                THEN 'campaign-' || (w * %(campaigns)s)::int END,
           CASE WHEN kind = 'support_ticket' THEN CASE WHEN w < 0.9 THEN 'closed' ELSE 'open' END
                WHEN kind = 'campaign' AND w < 0.1 THEN 'redeemed' END,
           CASE WHEN kind = 'survey' THEN 1 + (w * 4)::int END,
           CASE WHEN kind = 'purchase' THEN ARRAY['SKU-' || 1 + (u * %(products)s)::int %% %(products)s,
                'SKU-' || 1 + (w * %(products)s)::int %% %(products)s] ELSE '{}' END,
           CASE WHEN kind = 'purchase' THEN ARRAY[(CAST(%(categories)s AS text[]))[1 + (
                    1 + (u * %(products)s)::int %% %(products)s) %% 8], (CAST(%(categories)s AS text[]))[1 + (
                    1 + (w * %(products)s)::int %% %(products)s) %% 8]]
                WHEN kind = 'support_ticket' THEN ARRAY[(CAST(%(topics)s AS text[]))[1 + (v * 5)::int %% 5]]
                ELSE '{}' END,
           NULL, '{}', NULL
      FROM drawn)
INSERT INTO touchpoint_lines (shop_id, touchpoint_id, position, sku, category, quantity, amount)
SELECT %(shop)s, pg_temp.numbered('20', n), p.position, 'SKU-' || product,
       (CAST(%(categories)s AS text[]))[1 + product %% 8], 1 + (u * 2)::int, 250 + (u * u * 10000)::int
  FROM drawn, LATERAL (VALUES (1, 1 + (u * %(products)s)::int %% %(products)s),
                              (2, 1 + (w * %(products)s)::int %% %(products)s)) AS p(position, product)
 WHERE kind = 'purchase'
"""
ORDERS: Final = """
CREATE TEMPORARY TABLE drawn_orders AS
SELECT n, pg_temp.numbered('30', n) AS id, CASE WHEN pg_temp.draw(n, 30) < 0.97
       THEN pg_temp.numbered('01', 1 + (pg_temp.draw(n, 31) ^ 1.3 * (%(customers)s - 1))::int) END AS buyer,
       CAST(%(now)s AS timestamptz) - %(shipped)s * interval '1 day' * (1 - n / %(shipments)s::float8) AS at,
       pg_temp.draw(n, 32) AS u, pg_temp.draw(n, 33) AS v, pg_temp.draw(n, 34) AS w
  FROM generate_series(1, %(shipments)s) n;
INSERT INTO order_keys (id, shop_id, source, external_id) SELECT id, %(shop)s, 'shop', 'O' || n FROM drawn_orders;
INSERT INTO orders (id, shop_id, source, external_id, number, channel, placed_at, source_updated_at, accepted_at,
                    buyer_customer_id, recipient_customer_id, currency, goods_total, fees_total, discount_total,
                    points_total, total, prices_include_tax, payment_state, payment_method, is_gift, subscription_id,
                    subscription_cycle, coupon_codes, tags, note, is_test, shipped_elsewhere, temperature_zone,
                    desired_on, recorded_at)
SELECT id, %(shop)s, 'shop', 'O' || n, '#' || n, (CAST(%(channels)s AS text[]))[1 + (v * 4)::int %% 4], at, at,
       at + interval '10 seconds', buyer, buyer, 'JPY', 600 + (u * u * 24000)::int, 500,
       CASE WHEN v < 0.2 THEN 300 ELSE 0 END, 0, 1100 + (u * u * 24000)::int - CASE WHEN v < 0.2 THEN 300 ELSE 0 END,
       true, 'paid', (ARRAY['card', 'cod', 'bank'])[1 + (w * 3)::int %% 3], w < 0.05,
       CASE WHEN u < 0.2 THEN 'SUB-' || n END, CASE WHEN u < 0.2 THEN 1 + (v * 12)::int END,
       CASE WHEN v < 0.2 THEN ARRAY['COUPON-' || (v * 50)::int] ELSE '{}' END,
       CASE WHEN w < 0.1 THEN ARRAY['priority'] ELSE '{}' END, CASE WHEN w > 0.9 THEN 'よろしく' END, false, false,
       'ambient', CASE WHEN v > 0.7 THEN CAST(at AS date) + 5 END, at
  FROM drawn_orders;
INSERT INTO order_lines (id, shop_id, order_id, external_id, position, sku, product_id, title, quantity,
                         unit_price, amount, discount_amount, points_amount, tax_rate, tax_included,
                         requires_shipping, cancelled_quantity, refunded_quantity)
SELECT pg_temp.numbered('31', n * 2 + m), %(shop)s, id, m::text, m, 'SKU-' || p.product,
       pg_temp.numbered('10', p.product), '商品', 1 + m, 300 + (u * u * 8000)::int,
       (1 + m) * (300 + (u * u * 8000)::int), 0, 0, 0.10, true, true, 0, 0
  FROM drawn_orders, LATERAL (VALUES (0, 1 + (u * %(products)s)::int %% %(products)s),
                                     (1, 1 + (w * %(products)s)::int %% %(products)s)) AS p(m, product);
INSERT INTO order_fees (id, shop_id, order_id, kind, position, title, amount, discount_amount, tax_rate, tax_included)
SELECT pg_temp.numbered('32', n), %(shop)s, id, 'shipping', 0, '送料', 500, 0, 0.10, true FROM drawn_orders;
INSERT INTO touchpoints (id, shop_id, customer_id, kind, source, external_id, occurred_at, known_at, recorded_at, state,
                         amount, currency, quantity, channel, skus, categories, attributes)
SELECT pg_temp.numbered('33', n), %(shop)s, buyer, 'purchase', 'shop', '#' || n, at, at, at, 'active',
       1100 + (u * u * 24000)::int, 'JPY', 3, 'web', ARRAY['SKU-1'], ARRAY['tea'], '{}'
  FROM drawn_orders WHERE buyer IS NOT NULL;
INSERT INTO shipments (id, shop_id, plan_key, state, warehouse_id, customer_id, recipient_customer_id, is_gift,
                       recipient, language, channel, delivery_service, temperature_zone, accepted_at, priority,
                       revision, printed_revision, created_at, updated_at, handed_over_at, is_apart, is_given_up)
SELECT pg_temp.numbered('34', n), %(shop)s, 'plan-' || n, 'handed_over', %(warehouse)s, buyer, buyer, w < 0.05,
       jsonb_build_object('country', 'JP', 'region', (CAST(%(prefectures)s AS text[]))[1 + (v * 10)::int %% 10]),
       'ja', 'web', CASE WHEN u < 0.7 THEN 'parcel' ELSE 'mail' END, 'ambient', at + interval '10 seconds', 0, 1, 1,
       at, at, at + interval '1 day', false, false
  FROM drawn_orders;
INSERT INTO shipment_lines (id, shop_id, shipment_id, order_id, order_line_id, product_id, position, quantity)
SELECT pg_temp.numbered('35', n * 2 + m), %(shop)s, pg_temp.numbered('34', n), id, pg_temp.numbered('31', n * 2 + m),
       pg_temp.numbered('10', p.product), m, 1 + m
  FROM drawn_orders, LATERAL (VALUES (0, 1 + (u * %(products)s)::int %% %(products)s),
                                     (1, 1 + (w * %(products)s)::int %% %(products)s)) AS p(m, product)
"""
