"""GTINs of the sample goods."""

import pytest

from app.demo.face_catalogue import load_products
from app.demo.gtins import check_digit, make_gtin13
from app.demo.inserts import load_inserts


def test_the_check_digit_follows_the_published_example() -> None:
    # GS1 General Specifications, section 7.9: 6291041500213.
    assert check_digit("629104150021") == "3"


def test_a_number_too_long_for_its_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        make_gtin13("456995111", 1000)


def test_every_barcode_of_the_face_shop_is_its_own_and_valid() -> None:
    codes = [product.gtin for product in load_products()] + [insert.gtin for insert in load_inserts("face")]
    assert len(set(codes)) == len(codes)
    assert all(check_digit(code[:-1]) == code[-1] for code in codes)
