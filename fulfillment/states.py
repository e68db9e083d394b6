"""The one table of what may happen to a shipment, and to a parcel."""

from enum import StrEnum


class ShipmentState(StrEnum):
    """PLANNED waits for a wave; WAVED waits for its papers; PRINTED is frozen and may be packed; VERIFIED is proven;
    MERGED went into another shipment's box.
    """

    PLANNED = "planned"
    HELD = "held"
    WAVED = "waved"
    PRINTED = "printed"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    MERGED = "merged"


class ShipmentAct(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    RESUME_PRINTED = "resume_printed"
    RESUME_VERIFIED = "resume_verified"
    JOIN_WAVE = "join_wave"
    LEAVE_WAVE = "leave_wave"
    PRINT = "print"
    CHANGE = "change"
    VERIFY = "verify"
    REOPEN = "reopen"
    HAND_OVER = "hand_over"
    DELIVER = "deliver"
    FAIL_DELIVERY = "fail_delivery"
    RETURN = "return"
    RESEND = "resend"
    CANCEL = "cancel"
    MERGE = "merge"
    TAKE_OUT = "take_out"


class ParcelState(StrEnum):
    """OPEN until its label was scanned over a complete box."""

    OPEN = "open"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    VOID = "void"


S, A = ShipmentState, ShipmentAct

# A change after printing sends a shipment back to be decided and printed again; its old papers are refused at the
# bench.
# A held shipment goes on where it was held, unless it changed meanwhile: `resume_act` says which act that is.
TRANSITIONS: dict[tuple[ShipmentState, ShipmentAct], ShipmentState] = {
    (S.PLANNED, A.HOLD): S.HELD,
    (S.PLANNED, A.JOIN_WAVE): S.WAVED,
    (S.PLANNED, A.CHANGE): S.PLANNED,
    (S.PLANNED, A.CANCEL): S.CANCELLED,
    (S.HELD, A.RELEASE): S.PLANNED,
    (S.HELD, A.RESUME_PRINTED): S.PRINTED,
    (S.HELD, A.RESUME_VERIFIED): S.VERIFIED,
    (S.HELD, A.CHANGE): S.HELD,
    (S.HELD, A.CANCEL): S.CANCELLED,
    (S.WAVED, A.HOLD): S.HELD,
    (S.WAVED, A.LEAVE_WAVE): S.PLANNED,
    (S.WAVED, A.CHANGE): S.PLANNED,
    (S.WAVED, A.PRINT): S.PRINTED,
    (S.WAVED, A.CANCEL): S.CANCELLED,
    (S.PRINTED, A.HOLD): S.HELD,
    (S.PRINTED, A.CHANGE): S.PLANNED,
    (S.PRINTED, A.VERIFY): S.VERIFIED,
    (S.PRINTED, A.CANCEL): S.CANCELLED,
    (S.VERIFIED, A.HOLD): S.HELD,
    (S.VERIFIED, A.CHANGE): S.PLANNED,
    (S.VERIFIED, A.REOPEN): S.PRINTED,
    (S.VERIFIED, A.HAND_OVER): S.HANDED_OVER,
    (S.VERIFIED, A.CANCEL): S.CANCELLED,
    (S.HANDED_OVER, A.DELIVER): S.DELIVERED,
    (S.HANDED_OVER, A.FAIL_DELIVERY): S.UNDELIVERED,
    (S.HANDED_OVER, A.RETURN): S.RETURNED,
    (S.DELIVERED, A.RETURN): S.RETURNED,
    (S.UNDELIVERED, A.RETURN): S.RETURNED,
    (S.PLANNED, A.MERGE): S.MERGED,
    (S.WAVED, A.MERGE): S.MERGED,
    (S.MERGED, A.TAKE_OUT): S.PLANNED,
    # What came back or was lost can be sent again: as a shipment of its own, which leaves this one as it is.
    (S.HANDED_OVER, A.RESEND): S.HANDED_OVER,
    (S.DELIVERED, A.RESEND): S.DELIVERED,
    (S.UNDELIVERED, A.RESEND): S.UNDELIVERED,
    (S.RETURNED, A.RESEND): S.RETURNED,
}

# Nothing of it is printed: it may be split and, unless it is held, merged.
UNFROZEN = frozenset({S.PLANNED, S.WAVED})
# Still to be sent; everything else has left or never will.
PENDING = frozenset({S.PLANNED, S.HELD, S.WAVED, S.PRINTED, S.VERIFIED})
# Left the house.
SENT = frozenset({S.HANDED_OVER, S.DELIVERED, S.UNDELIVERED, S.RETURNED})
_RESUMPTION = {S.PRINTED: A.RESUME_PRINTED, S.VERIFIED: A.RESUME_VERIFIED}


def resume_act(held_from: ShipmentState | None) -> ShipmentAct:
    """Return the act that ends a hold."""
    return _RESUMPTION.get(held_from, A.RELEASE) if held_from else A.RELEASE


def states_allowing(act: ShipmentAct) -> list[ShipmentState]:
    """Return the states from which an act is possible."""
    return [state for state, possible in TRANSITIONS if possible is act]


def acts_in(state: ShipmentState) -> list[ShipmentAct]:
    """Return the acts that are possible in a state."""
    return [act for possible, act in TRANSITIONS if possible is state]
