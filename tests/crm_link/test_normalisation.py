"""Normal forms of what people type."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_link.normalisation import (
    AddressParts,
    fold_text,
    normalise_address,
    normalise_email,
    normalise_kana,
    normalise_name,
    normalise_phone,
    normalise_postal_code,
    split_prefecture,
)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Ａｂｃ＠ＥＸＡＭＰＬＥ．ｊｐ", "abc@example.jp"),
        (" mailto:Hanako@example.co.jp ", "hanako@example.co.jp"),
        ("a..b@docomo.example.jp", "a..b@docomo.example.jp"),
        ("dot.@example.jp", "dot.@example.jp"),
        ("no-domain@", None),
        ("two@at@example.jp", None),
        ("a b@example.jp", None),
        ("hanako@localhost", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_folded_and_old_mobile_addresses_stay(typed: str | None, normal: str | None) -> None:
    assert normalise_email(typed) == normal


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("０９０－１２３４－５６７８", "+819012345678"),
        ("090ー1234ー5678", "+819012345678"),
        ("+81 90 1234 5678", "+819012345678"),
        ("9012345678", "+819012345678"),
        ("(03)1234-5678", "+81312345678"),
        ("03-1234-5678 内線12", "+81312345678"),
        ("+1 650 253 0000", "+16502530000"),
        ("000-0000-0000", None),
        ("110", None),
        ("なし", None),
    ],
)
def test_a_number_becomes_e164_of_the_shops_country(typed: str, normal: str | None) -> None:
    assert normalise_phone(typed) == normal


def test_a_number_without_plus_is_read_as_the_given_country() -> None:
    assert normalise_phone("650-253-0000", "US") == "+16502530000"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋　一郎", "高橋一郎"),
        ("山﨑 花子 様", "山崎花子"),
        ("渡邉\U000e0102", "渡辺"),
        ("𠮷田", "吉田"),
        ("ＴＡＮＡＫＡ taro", "Tanaka Taro"),
    ],
)
def test_names_written_differently_have_one_key(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other)


def test_a_reading_becomes_full_width_katakana() -> None:
    assert normalise_kana("ﾔﾏﾀﾞ はなこ") == "ヤマダハナコ"


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("〒１００－０００１", "1000001"),
        ("060ー0001", "0600001"),
        ("600001", "0600001"),
        ("12345", None),
        ("100-000A", None),
    ],
)
def test_a_japanese_postal_code_has_seven_digits(typed: str, normal: str | None) -> None:
    assert normalise_postal_code(typed) == normal


def test_a_foreign_postal_code_only_loses_its_spaces() -> None:
    assert normalise_postal_code("sw1a 1aa", "GB") == "SW1A1AA"


def test_block_numbers_have_one_form() -> None:
    assert normalise_address("丸の内三丁目４番５号") == normalise_address("丸の内3-4-5") == "丸の内3-4-5"
    assert normalise_address("丸の内十二丁目") == "丸の内12"


def test_the_prefecture_is_cut_off() -> None:
    assert split_prefecture("東京都千代田区１－２") == AddressParts("東京都", "千代田区1-2")
    assert split_prefecture("京都市中京区") == AddressParts(None, "京都市中京区")


@given(st.from_regex(r"0[0-9]{7,11}", fullmatch=True))
@example("01012780288")
@example("0102377177")
@example("0108012784")
def test_the_short_way_for_japanese_numbers_agrees_with_the_library(number: str) -> None:
    try:
        parsed = phonenumbers.parse(number, "JP")
    except phonenumbers.NumberParseException:
        assert normalise_phone(number) is None
        return
    possible = phonenumbers.is_possible_number(parsed) and len(set(str(parsed.national_number))) > 1
    wanted = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None

    assert normalise_phone(number) == wanted


@given(st.text())
def test_normal_forms_are_final(typed: str) -> None:
    for normalise in (normalise_email, normalise_phone, normalise_postal_code, normalise_kana):
        once = normalise(typed)
        assert once is None or normalise(once) == once
    assert fold_text(fold_text(typed)) == fold_text(typed)
