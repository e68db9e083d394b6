"""The face shop's goods and inserts make sense."""

from app.demo.face_catalogue import load_products
from app.demo.inserts import load_inserts


def test_there_are_about_sixty_goods_and_eight_inserts_or_more() -> None:
    assert 55 <= len(load_products()) <= 70
    assert len(load_inserts("face")) >= 8


def test_every_component_of_a_set_is_a_product_and_the_set_weighs_as_much() -> None:
    products = {product.sku: product for product in load_products()}
    for product in products.values():
        if product.components:
            assert product.weight_g == sum(products[sku].weight_g * n for sku, n in product.components.items())
            assert product.price_yen < sum(products[sku].price_yen * n for sku, n in product.components.items())


def test_food_is_taxed_at_the_reduced_rate_and_skin_care_is_not() -> None:
    for product in load_products():
        if product.category in ("日本茶", "紅茶・花茶", "ハーブ・穀物茶", "茶菓子"):
            assert product.tax_percent == 8, product.sku
        if product.sku.startswith(("S-", "W-")):
            assert product.tax_percent == 10, product.sku


def test_each_temperature_zone_has_goods() -> None:
    assert {product.temperature_zone for product in load_products()} == {"ambient", "chilled", "frozen"}
