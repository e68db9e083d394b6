"""Addresses that an operator may enter, and those a visitor is sent to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from fulfillment.landing.addresses import (
    LONGEST_ADDRESS,
    Campaign,
    LandingError,
    build_address,
    check_address,
    check_name,
)

VALUES = {"shop": "tea", "template": "packing_slip", "language": "ja", "month": "2026-11"}
NAMES = Campaign("parcel", "qr", "{template}-{month}", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://example.com/", "not_https"),
        ("javascript:alert(1)", "not_https"),
        ("data:text/html,hello", "not_https"),
        ("//example.com/", "not_https"),
        ("/welcome", "not_https"),
        ("https://", "no_host"),
        ("https://localhost/", "no_host"),
        ("https://[::1]/", "no_host"),
        ("https://user:word@example.com/", "has_sign_in"),
        ("https://example.com\\@other.example/", "unfit_character"),
        ("https://example.com/a b", "unfit_character"),
        ("https://example.com/\r\nset-cookie:x", "unfit_character"),
        ("https://example.com:99999/", "bad_port"),
        ("https://{shop}.example.com/", "placeholder_in_host"),
        ("https://example.com/{customer}", "unknown_placeholder"),
        ("https://example.com/{", "unknown_placeholder"),
        ("https://soegaki.example.jp/c/x", "own_address"),
        ("https://example.com/" + "a" * LONGEST_ADDRESS, "too_long"),
    ],
)
def test_an_address_that_leads_elsewhere_than_it_says_is_refused(text: str, reason: str) -> None:
    with pytest.raises(LandingError) as refused:
        check_address("address", text, own_host="soegaki.example.jp")
    assert (refused.value.details["field"], refused.value.details["reason"]) == ("address", reason)


def test_japanese_hosts_and_paths_become_what_browsers_send() -> None:
    checked = check_address("address", "https://お茶.example.jp/春の便り/{template}?色=緑")
    assert checked.isascii()
    assert checked.startswith("https://xn--t8jy01w.example.jp/%E6%98%A5")
    assert "{template}" in checked
    # Saved again it stays as it is.
    assert check_address("address", checked) == checked


def test_campaign_names_join_what_the_address_has_and_take_its_place_where_they_are_the_same() -> None:
    sent = build_address("https://example.com/a?color=green&utm_source=old#top", NAMES, VALUES)
    parts = urlsplit(sent)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "example.com", "/a", "top")
    assert parse_qs(parts.query) == {
        "color": ["green"],
        "utm_source": ["parcel"],
        "utm_medium": ["qr"],
        "utm_campaign": ["packing_slip-2026-11"],
    }


def test_a_value_never_leaves_its_place() -> None:
    values = VALUES | {"template": "a/b?c=d&e#f"}
    sent = build_address("https://example.com/x/{template}", Campaign("", "", "{template}", ""), values)
    assert urlsplit(sent).path == "/x/a%2Fb%3Fc%3Dd%26e%23f"
    assert parse_qs(urlsplit(sent).query) == {"utm_campaign": ["a/b?c=d&e#f"]}


def test_without_names_the_address_stays_as_it_was_entered() -> None:
    assert build_address("https://example.com/?a=b&c", Campaign("", "", "", ""), VALUES) == "https://example.com/?a=b&c"


@pytest.mark.parametrize("text", ["a\nb", "{mail}", "x" * 101, "}{"])
def test_a_campaign_name_that_cannot_be_sent_is_refused(text: str) -> None:
    with pytest.raises(LandingError):
        check_name("campaign", text)
