"""What a slip calls a payment: the customer's words, not those of the shop's system."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from fulfillment.printing.papers import name_payment
from fulfillment.printing.sources import PaperSource


def slip(method: str | None, language: int = 0) -> PaperSource:
    order: Any = SimpleNamespace(order=SimpleNamespace(payment_method=method))
    return cast(PaperSource, SimpleNamespace(order=order, choose=lambda *words: words[language]))


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("credit_card", "クレジットカード"),
        ("Shopify_Payments", "クレジットカード"),
        ("Cash on Delivery (COD)", "代金引換"),
        ("店頭でお支払い", "店頭でお支払い"),
        (None, None),
    ],
)
def test_a_known_code_is_said_in_words(method: str | None, said: str | None) -> None:
    assert name_payment(slip(method)) == said


def test_an_english_slip_says_it_in_english() -> None:
    assert name_payment(slip("credit_card", 1)) == "Credit card"
