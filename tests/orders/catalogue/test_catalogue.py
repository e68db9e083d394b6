"""Products, their codes, and sets."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db import session_scope
from orders.catalogue.gtin import compute_check_digit, format_jan, read_gtin
from orders.catalogue.queries import (
    expand_sets,
    find_products_by_code,
    get_delivery_service,
    list_delivery_services,
    load_codes,
    load_components,
    load_products,
)
from orders.catalogue.records import ProductIn, UpsertState
from orders.catalogue.service import add_standard_services, upsert_products
from orders.errors import InvalidProductError
from orders.kinds import LetterClass
from tests.factories.core import make_shop


@given(st.text("0123456789", min_size=13, max_size=13))
def test_every_printed_form_of_a_gtin_is_one_gtin(body: str) -> None:
    gtin = body + compute_check_digit(body)

    assert read_gtin(gtin) == gtin
    assert read_gtin(format_jan(gtin)) == gtin


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_a_single_wrong_digit_is_noticed(body: str, place: int, difference: int) -> None:
    jan = body + compute_check_digit(body)
    wrong = jan[:place] + str((int(jan[place]) + difference) % 10) + jan[place + 1 :]

    assert read_gtin(wrong) is None


@pytest.mark.parametrize("text", ["４９０１２３４５６７８９４", "4901234-567894", " 4901234567894 ", "04901234567894"])
def test_a_gtin_is_read_however_it_is_typed(text: str) -> None:
    assert read_gtin(text) == "04901234567894"


@pytest.mark.parametrize("text", ["", "abc", "123", "490123456789", "²³⁴⁵⁶⁷⁸⁹"])
def test_what_is_no_gtin_is_none(text: str) -> None:
    assert read_gtin(text) is None


@pytest.fixture
def shop_id(database: str) -> UUID:
    del database
    return make_shop()


def upsert(shop_id: UUID, *products: ProductIn) -> dict[str, UpsertState]:
    with session_scope([shop_id]) as session:
        return dict(upsert_products(session, shop_id, products).states)


def product(sku: str, **values: Any) -> ProductIn:
    return ProductIn(sku=sku, name=f"商品 {sku}", **values)


def test_a_value_left_out_keeps_what_is_known(shop_id: UUID) -> None:
    upsert(shop_id, product("A", weight_g=120, category="茶"))

    assert upsert(shop_id, product("A", category="日本茶")) == {"A": UpsertState.CHANGED}
    with session_scope([shop_id]) as session:
        ids = find_products_by_code(session, shop_id, ["A"])
        found = load_products(session, shop_id, ids.values())[ids["A"]]
    assert (found.weight_g, found.category) == (120, "日本茶")


def test_a_product_is_found_by_every_code(shop_id: UUID) -> None:
    upsert(shop_id, product("A", gtin="4901234567894", aliases=("OLD-A",)))

    with session_scope([shop_id]) as session:
        found = find_products_by_code(session, shop_id, ["A", "OLD-A", "4901234567894", "04901234567894", "B"])
        assert len(set(found.values())) == 1
        assert found.keys() == {"A", "OLD-A", "4901234567894", "04901234567894"}
        assert load_codes(session, shop_id, found.values()) == {found["A"]: ["04901234567894", "A", "OLD-A"]}


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (product("B", gtin="4901234567894"), "B.gtin", "code_taken"),
        (product("B", aliases=("A",)), "B.aliases", "code_taken"),
        (product("B", components=(("Z", 1),)), "B.components", "unknown_sku"),
        (product("B", components=(("B", 1),)), "B.components", "circular"),
        (product("A", components=(("S", 1),)), "A.components", "circular"),
        (product("B", weight_g=-1), "B.weight_g", "out_of_range"),
        (product("", gtin=None), ".sku", "missing"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(shop_id: UUID, wrong: ProductIn, field: str, code: str) -> None:
    upsert(shop_id, product("A", gtin="4901234567894"), product("S", components=(("A", 2),)))

    with pytest.raises(InvalidProductError) as refused:
        upsert(shop_id, wrong)

    faults = refused.value.details["faults"]
    assert isinstance(faults, list)
    assert [(fault["field"], fault["code"]) for fault in faults] == [(field, code)]


def test_sets_of_sets_are_taken_apart(shop_id: UUID) -> None:
    upsert(
        shop_id,
        product("A"),
        product("B"),
        product("S", components=(("A", 2), ("B", 1))),
        product("T", components=(("S", 2), ("A", 1))),
    )

    with session_scope([shop_id]) as session:
        ids = find_products_by_code(session, shop_id, ["A", "B", "S", "T"])
        components = load_components(session, shop_id, [ids["T"]])

    assert expand_sets(components, [(ids["T"], 3), (ids["B"], 1)]) == {ids["A"]: 15, ids["B"]: 7}


def test_the_components_of_a_set_are_replaced(shop_id: UUID) -> None:
    upsert(shop_id, product("A"), product("B"), product("S", components=(("A", 2),)))

    assert upsert(shop_id, product("S", components=(("B", 1),)))["S"] is UpsertState.CHANGED
    assert upsert(shop_id, product("S", components=(("B", 1),)))["S"] is UpsertState.SAME
    with session_scope([shop_id]) as session:
        ids = find_products_by_code(session, shop_id, ["B", "S"])
        parts = load_components(session, shop_id, [ids["S"]])[ids["S"]]
    assert [(part.product_id, part.quantity) for part in parts] == [(ids["B"], 1)]


def test_a_shop_gets_the_standard_services_once(shop_id: UUID) -> None:
    with session_scope([shop_id]) as session:
        assert add_standard_services(session, shop_id) > 5
        assert add_standard_services(session, shop_id) == 0
        assert len(list_delivery_services(session, shop_id)) > 5
        letter_pack = get_delivery_service(session, shop_id, "japanpost_letterpack_light")
        parcel = get_delivery_service(session, shop_id, "yamato_takkyubin")

    assert (letter_pack.letter_class, letter_pack.sealed_allowed) == (LetterClass.CORRESPONDENCE, True)
    assert (parcel.letter_class, parcel.sealed_allowed) == (LetterClass.COVER_NOTE, False)
