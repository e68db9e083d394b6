"""Every door keeps the same promises; each signature has a known vector."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from core.rowsets import pack_rows
from orders.channels.interface import ChannelKind, Delivery, Refusal
from orders.channels.registry import CHANNELS
from orders.channels.shopify.signature import compute_signature
from orders.faults import Fault, FaultyInputError
from orders.folding import digest_order
from orders.normalised import NormalisedOrder

NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "samples"
VECTOR_SECRET = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.fixture(params=list(CHANNELS.values()), ids=list(CHANNELS))
def kind(request: pytest.FixtureRequest) -> ChannelKind:
    found: ChannelKind = request.param
    return found


def secret_of(kind: ChannelKind) -> bytes:
    return (kind.new_secret() or "shpss_invented").encode()


def signed(kind: ChannelKind, secret: bytes, body: bytes) -> dict[bytes, bytes]:
    headers = kind.sign(body, secret, "delivery-1", "orders/create", NOW)
    return {name.encode(): value.encode() for name, value in headers.items()}


def test_what_it_signs_it_accepts(kind: ChannelKind) -> None:
    secret = secret_of(kind)

    checked = kind.check(signed(kind, secret, b"{}"), b"{}", [secret], {}, NOW)

    assert isinstance(checked, Delivery)
    assert checked.delivery_id == "delivery-1"


def test_any_change_of_the_body_is_refused(kind: ChannelKind) -> None:
    secret = secret_of(kind)

    assert kind.check(signed(kind, secret, b"{}"), b"{} ", [secret], {}, NOW) is Refusal.WRONG_SIGNATURE


def test_another_secret_is_refused_and_the_former_one_taken(kind: ChannelKind) -> None:
    former, current = secret_of(kind), secret_of(kind) if kind.new_secret() else b"another"
    headers = signed(kind, former, b"{}")

    assert isinstance(kind.check(headers, b"{}", [current, former], {}, NOW), Delivery)
    assert kind.check(headers, b"{}", [current], {}, NOW) is Refusal.WRONG_SIGNATURE


def test_every_missing_header_is_refused(kind: ChannelKind) -> None:
    secret = secret_of(kind)
    complete = signed(kind, secret, b"{}")
    optional = {b"content-type", b"x-shopify-triggered-at"}

    for name in complete.keys() - optional:
        rest = {key: value for key, value in complete.items() if key != name}
        assert kind.check(rest, b"{}", [secret], {}, NOW) is Refusal.MISSING_HEADERS


@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "x-shopify-topic"]),
        st.binary(min_size=1),
    ),
    body=st.binary(),
)
def test_garbage_is_refused_never_raised(headers: dict[str, bytes], body: bytes) -> None:
    for kind in CHANNELS.values():
        secret = secret_of(kind)
        given_headers = signed(kind, secret, b"other") | {name.encode(): value for name, value in headers.items()}
        assert isinstance(kind.check(given_headers, body, [secret], {}, NOW), Refusal)


@given(document=json_values, topic=st.sampled_from([None, "orders/create", "refunds/create", "order.created", "x"]))
@settings(max_examples=150, deadline=None)
def test_any_document_is_read_or_refused_with_its_faults(document: Any, topic: str | None) -> None:
    for kind in CHANNELS.values():
        with suppress(FaultyInputError):
            kind.read(topic, document, "s")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_sample_with_a_spoilt_value_is_read_or_refused(data: st.DataObject) -> None:
    for kind in CHANNELS.values():
        document = json.loads((SAMPLES / kind.slug / "order.json").read_text(encoding="utf-8"))
        target = document.get("data", document)
        for _ in range(data.draw(st.integers(1, 3))):
            target[data.draw(st.sampled_from(sorted(target)))] = data.draw(json_values)
        with suppress(FaultyInputError):
            kind.read("orders/create", document, "s")


def test_its_sample_is_read_whole(kind: ChannelKind) -> None:
    document = json.loads((SAMPLES / kind.slug / "order.json").read_text(encoding="utf-8"))

    (order,) = kind.read("orders/create", document, kind.slug).events

    assert isinstance(order, NormalisedOrder)
    assert (order.source, order.currency) == (kind.slug, "JPY")
    assert order.buyer is not None
    assert order.recipient is not None
    assert order.buyer.name == "架空 花子"
    assert order.recipient.postal_code == "530-0001"
    assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
        ("T-SEN-100", 2, 1296),
        ("S-TONER", 1, 3300),
    ]
    assert str(order.lines[0].tax_rate) == "0.08"
    assert [(fee.kind.value, fee.amount) for fee in order.fees] == [("shipping", 660)]
    assert sum(discount.amount for discount in order.discounts) == 500
    assert order.coupon_codes == ("WELCOME500",)
    assert order.desired_on is not None
    assert order.gift is not None
    assert order.gift.message == "お誕生日おめでとう"


def test_the_known_vector_of_standard_webhooks() -> None:
    headers = {
        b"webhook-id": b"msg_p5jXN8AQM9LWM0D4loKWxJek",
        b"webhook-timestamp": b"1614265330",
        b"webhook-signature": b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    then = datetime.fromtimestamp(1614265330, UTC)

    checked = CHANNELS["standard"].check(headers, b'{"test": 2432232314}', [VECTOR_SECRET], {}, then)

    assert isinstance(checked, Delivery)


@pytest.mark.parametrize(("seconds", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_five_minutes_of_difference_are_tolerated(seconds: int, accepted: bool) -> None:
    kind = CHANNELS["standard"]
    headers = signed(kind, VECTOR_SECRET, b"{}")

    checked = kind.check(headers, b"{}", [VECTOR_SECRET], {}, NOW + timedelta(seconds=seconds))

    assert isinstance(checked, Delivery) is accepted
    assert accepted or checked is Refusal.STALE


@pytest.mark.parametrize("listed", ["v1", "v1,", ",", "v1,@@@", "v1a,AAAA", "v2,{}", "é"])
def test_a_malformed_item_beside_the_right_one_does_no_harm(listed: str) -> None:
    kind = CHANNELS["standard"]
    headers = signed(kind, VECTOR_SECRET, b"{}")
    right = headers[b"webhook-signature"]

    alone = kind.check({**headers, b"webhook-signature": listed.encode()}, b"{}", [VECTOR_SECRET], {}, NOW)
    beside = kind.check(
        {**headers, b"webhook-signature": listed.encode() + b" " + right}, b"{}", [VECTOR_SECRET], {}, NOW
    )

    assert alone is Refusal.WRONG_SIGNATURE
    assert isinstance(beside, Delivery)


@given(body=st.binary(max_size=200), message_id=st.text("abc-_019", min_size=1, max_size=30))
def test_our_signature_is_the_reference_librarys(body: bytes, message_id: str) -> None:
    ours = CHANNELS["standard"].sign(body, VECTOR_SECRET, message_id, "", NOW)["webhook-signature"]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return

    assert Webhook(VECTOR_SECRET.decode()).sign(message_id, NOW, text) == ours


def test_the_known_vector_of_shopify() -> None:
    # RFC 4231, test case 2, in base64.
    assert (
        compute_signature(b"Jefe", b"what do ya want for nothing?") == b"W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
    )


def test_shopify_of_another_shop_is_refused() -> None:
    kind = CHANNELS["shopify"]
    headers = signed(kind, b"s", b"{}")

    assert kind.check(headers, b"{}", [b"s"], {"shop_domain": "other.myshopify.com"}, NOW) is Refusal.OTHER_SHOP
    assert isinstance(kind.check(headers, b"{}", [b"s"], {"shop_domain": "EXAMPLE.myshopify.com"}, NOW), Delivery)


@pytest.mark.parametrize("topic", ["customers/redact", "customers/data_request", "shop/redact"])
def test_a_privacy_request_waits_for_a_person(topic: str) -> None:
    with pytest.raises(FaultyInputError) as refused:
        CHANNELS["shopify"].read(topic, {}, "s")

    assert refused.value.faults == (Fault("topic", "privacy_request", topic),)


def read_sample(slug: str, **changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / slug / "order.json").read_text(encoding="utf-8"))
    (document["data"] if slug == "standard" else document).update(changes)
    return document


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("spoil", "field", "code"),
    [
        (lambda order: order["line_items"][0].update(price="12.5"), "line_items[0].price", "too_precise"),
        (lambda order: order["line_items"][1].update(quantity="2"), "line_items[1].quantity", "not_a_number"),
        (lambda order: order.pop("line_items"), "line_items", "missing"),
        (lambda order: order.update(line_items=[]), "lines", "empty"),
        (lambda order: order.update(created_at="2026-11-18"), "created_at", "no_offset"),
        (lambda order: order.update(currency="yen"), "currency", "unknown_value"),
        (lambda order: order.update(financial_status="odd"), "financial_status", "unknown_value"),
    ],
)
def test_shopify_faults_name_field_and_reason(spoil: Spoil, field: str, code: str) -> None:
    document = read_sample("shopify")
    spoil(document)

    with pytest.raises(FaultyInputError) as refused:
        CHANNELS["shopify"].read("orders/create", document, "s")

    assert (field, code) in {(fault.field, fault.code) for fault in refused.value.faults}


def test_a_shopify_guest_without_address_is_read() -> None:
    document = read_sample("shopify", customer=None, shipping_address=None)

    (order,) = CHANNELS["shopify"].read("orders/create", document, "s").events

    assert isinstance(order, NormalisedOrder)
    assert order.recipient is None
    assert order.buyer is not None
    assert (order.buyer.external_id, order.buyer.email) == (None, "hanako@example.jp")


def test_an_edited_shopify_line_is_cancelled_in_part() -> None:
    document = read_sample("shopify")
    document["line_items"][0]["current_quantity"] = 1

    (order,) = CHANNELS["shopify"].read("orders/updated", document, "s").events

    assert isinstance(order, NormalisedOrder)
    assert order.lines[0].cancelled_quantity == 1


@pytest.mark.parametrize("depth", [25, 900])
def test_attributes_that_are_nested_too_deeply_are_a_fault(depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"x": nested}

    with pytest.raises(FaultyInputError) as refused:
        CHANNELS["standard"].read(None, read_sample("standard", attributes=nested), "s")

    assert refused.value.faults == (Fault("data.attributes", "too_deep"),)


@given(attributes=st.dictionaries(st.text(), json_values, max_size=5))
def test_whatever_attributes_say_can_be_stored(attributes: dict[str, Any]) -> None:
    (order,) = CHANNELS["standard"].read(None, read_sample("standard", attributes=attributes), "s").events

    assert isinstance(order, NormalisedOrder)
    assert pack_rows([{"attributes": order.attributes}]).find(b"\\u0000") < 0
    assert digest_order(order) == digest_order(order)


def test_text_that_no_database_holds_is_cleaned() -> None:
    document = read_sample("standard", note="a\x00b\ud800", attributes={"x\x00": ["y\x00"]})

    (order,) = CHANNELS["standard"].read(None, document, "s").events

    assert isinstance(order, NormalisedOrder)
    assert order.note == "ab?"
    assert order.attributes == {"x": ["y"]}
