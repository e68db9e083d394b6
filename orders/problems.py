"""What a person should know or mend before an order ships. Pure; shipment planning holds on `HOLDING`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from orders.contacts import list_address_gaps
from orders.normalised import PAYMENT_ALLOWS_SHIPPING, Contact, PaymentState


class ProblemCode(StrEnum):
    UNKNOWN_SKU = "unknown_sku"
    CUSTOMER_MISSING = "customer_missing"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_INCOMPLETE = "address_incomplete"
    UNPAID = "unpaid"
    NOTHING_TO_SHIP = "nothing_to_ship"
    TEST_ORDER = "test_order"
    SHIPPED_ELSEWHERE = "shipped_elsewhere"
    GIFT_TO_OTHER = "gift_to_other"
    TOTAL_DIFFERS = "total_differs"


# The others are told, not held: a gift to someone else ships, but without the buyer's prices and letters.
HOLDING: Final = frozenset(ProblemCode) - {ProblemCode.GIFT_TO_OTHER, ProblemCode.TOTAL_DIFFERS}

SENTENCES: Final[dict[ProblemCode, tuple[str, str]]] = {
    ProblemCode.UNKNOWN_SKU: ("登録のない商品コードがあります", "A line has a code that is no known product's"),
    ProblemCode.CUSTOMER_MISSING: ("顧客を特定できません", "The customer cannot be told"),
    ProblemCode.ADDRESS_MISSING: ("お届け先がありません", "There is no delivery address"),
    ProblemCode.ADDRESS_INCOMPLETE: ("お届け先に不足があります", "The delivery address is incomplete"),
    ProblemCode.UNPAID: ("入金が済んでいません", "The payment does not allow shipping yet"),
    ProblemCode.NOTHING_TO_SHIP: ("発送する商品がありません", "There is nothing to ship"),
    ProblemCode.TEST_ORDER: ("テスト注文です", "This is a test order"),
    ProblemCode.SHIPPED_ELSEWHERE: ("他のシステムで発送済みです", "Another system says it has been shipped"),
    ProblemCode.GIFT_TO_OTHER: ("注文者とお届け先が違います", "The recipient is not the buyer"),
    ProblemCode.TOTAL_DIFFERS: ("合計が明細と合いません", "The total differs from its parts"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`details` names SKUs, fields or amounts: never personal data."""

    code: ProblemCode
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What problems are found from. `open_lines` are (sku or title, is known, ships) of what is still to be
    delivered.
    """

    payment_state: PaymentState
    total: int
    buyer_known: bool
    recipient: Contact | None
    is_gift: bool
    is_test: bool
    shipped_elsewhere: bool
    open_lines: Sequence[tuple[str, bool, bool]]
    computed_total: int | None = None


def find_problems(facts: OrderFacts) -> list[Problem]:
    """Return every problem of an order in a fixed order."""
    shipped = [line for line in facts.open_lines if line[2]]
    unknown = tuple(sorted({name for name, known, _ in shipped if not known}))
    checks = [
        (bool(unknown), ProblemCode.UNKNOWN_SKU, unknown),
        (not facts.buyer_known, ProblemCode.CUSTOMER_MISSING, ()),
        *_check_address(facts.recipient),
        (_is_unpaid(facts), ProblemCode.UNPAID, (facts.payment_state.value,)),
        (not shipped, ProblemCode.NOTHING_TO_SHIP, ()),
        (facts.is_test, ProblemCode.TEST_ORDER, ()),
        (facts.shipped_elsewhere, ProblemCode.SHIPPED_ELSEWHERE, ()),
        (facts.is_gift, ProblemCode.GIFT_TO_OTHER, ()),
        (_differs(facts), ProblemCode.TOTAL_DIFFERS, (str(facts.total), str(facts.computed_total))),
    ]
    return [Problem(code, details) for found, code, details in checks if found]


def _check_address(recipient: Contact | None) -> list[tuple[bool, ProblemCode, tuple[str, ...]]]:
    if recipient is None:
        return [(True, ProblemCode.ADDRESS_MISSING, ())]
    gaps = tuple(list_address_gaps(recipient))
    return [(bool(gaps), ProblemCode.ADDRESS_INCOMPLETE, gaps)]


def _is_unpaid(facts: OrderFacts) -> bool:
    return facts.payment_state not in PAYMENT_ALLOWS_SHIPPING and facts.total > 0


def _differs(facts: OrderFacts) -> bool:
    return facts.computed_total is not None and facts.computed_total != facts.total


def pack_problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"code": problem.code.value, "details": list(problem.details)} for problem in problems]


def holds_shipping(packed: Sequence[dict[str, Any]]) -> bool:
    return any(item["code"] in HOLDING for item in packed)
