"""What happened to customers; upper packages subscribe in `app/wiring.py`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """Something that a decision may depend on has changed: history, consent, care flag, tag, rank or attribute.

    `interrupts` is false for what our own work writes about somebody (a purchase, a parcel): it is no news of theirs
    that could stop what is printed.
    """

    shop_id: UUID
    customer_ids: tuple[UUID, ...]
    interrupts: bool = True


@dataclass(frozen=True, slots=True)
class CustomersMoved:
    """Identities went from one customer to another, by a join, a separation, or the undoing of either.

    `whole` says that nothing remains with the first one, so that whatever points to it should follow.
    """

    shop_id: UUID
    from_customer_id: UUID
    to_customer_id: UUID
    whole: bool


@dataclass(frozen=True, slots=True)
class CustomerErased:
    """Every package empties its columns marked PERSONAL for this customer, in this transaction."""

    shop_id: UUID
    customer_id: UUID
