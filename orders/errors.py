"""Failures of the orders package."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError
from orders.faults import Fault, describe_fault, pack_faults


class OrderNotFoundError(NotFoundError):
    code = "order_not_found"

    def __init__(self, order_id: UUID) -> None:
        super().__init__("There is no such order.", order_id=str(order_id))


class ChannelNotFoundError(NotFoundError):
    code = "channel_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such channel.")


class InvalidOrderError(InvalidInputError):
    """What was sent is no usable order; `details["faults"]` names every field and reason."""

    code = "invalid_order"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(describe_fault(fault, "en") for fault in faults), faults=pack_faults(faults))


class InvalidProductError(InvalidInputError):
    code = "invalid_product"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(describe_fault(fault, "en") for fault in faults), faults=pack_faults(faults))


class IdempotencyKeyReusedError(ConflictError):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used for a different order.")
