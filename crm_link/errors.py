"""Failures of the crm_link package."""

from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError


class CustomerNotFoundError(NotFoundError):
    code = "customer_not_found"

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(f"There is no customer {customer_id}.", customer_id=str(customer_id))


class CustomerErasedError(ConflictError):
    code = "customer_erased"

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(f"Customer {customer_id} was erased.", customer_id=str(customer_id))


class UnidentifiablePersonError(InvalidInputError):
    code = "person_unidentifiable"

    def __init__(self, position: int) -> None:
        super().__init__(
            f"Person {position} has no external id, no usable e-mail address and no usable telephone number.",
            position=position,
        )


class JoinError(ConflictError):
    """Two customers cannot be joined, or a join cannot be undone, as things stand."""

    code = "join_refused"


class OvertakenError(ConflictError):
    """Another transaction made or changed the same thing at the same moment; the same request works when repeated."""

    code = "overtaken"
    permanent = False

    def __init__(self) -> None:
        super().__init__("Somebody else changed the same customer at the same moment. Try again.")
