"""The one table of what may happen to a shipment, and to a parcel."""

from enum import StrEnum


class ShipmentState(StrEnum):
    """PLANNED waits for a wave; WAVED waits for its papers; PRINTED is frozen and may be packed; VERIFIED is proven."""

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


class ShipmentAct(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
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
    CANCEL = "cancel"


class ParcelState(StrEnum):
    """OPEN until its label was scanned over a complete box."""

    OPEN = "open"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    VOID = "void"


S, A = ShipmentState, ShipmentAct

# A held shipment resumes as PLANNED: its papers were voided when it was held after printing.
TRANSITIONS: dict[tuple[ShipmentState, ShipmentAct], ShipmentState] = {
    (S.PLANNED, A.HOLD): S.HELD,
    (S.PLANNED, A.JOIN_WAVE): S.WAVED,
    (S.PLANNED, A.CHANGE): S.PLANNED,
    (S.PLANNED, A.CANCEL): S.CANCELLED,
    (S.HELD, A.RELEASE): S.PLANNED,
    (S.HELD, A.CHANGE): S.HELD,
    (S.HELD, A.CANCEL): S.CANCELLED,
    (S.WAVED, A.HOLD): S.HELD,
    (S.WAVED, A.LEAVE_WAVE): S.PLANNED,
    (S.WAVED, A.CHANGE): S.WAVED,
    (S.WAVED, A.PRINT): S.PRINTED,
    (S.WAVED, A.CANCEL): S.CANCELLED,
    (S.PRINTED, A.HOLD): S.HELD,
    (S.PRINTED, A.CHANGE): S.HELD,
    (S.PRINTED, A.VERIFY): S.VERIFIED,
    (S.PRINTED, A.CANCEL): S.CANCELLED,
    (S.VERIFIED, A.HOLD): S.HELD,
    (S.VERIFIED, A.CHANGE): S.HELD,
    (S.VERIFIED, A.REOPEN): S.PRINTED,
    (S.VERIFIED, A.HAND_OVER): S.HANDED_OVER,
    (S.VERIFIED, A.CANCEL): S.CANCELLED,
    (S.HANDED_OVER, A.DELIVER): S.DELIVERED,
    (S.HANDED_OVER, A.FAIL_DELIVERY): S.UNDELIVERED,
    (S.HANDED_OVER, A.RETURN): S.RETURNED,
    (S.DELIVERED, A.RETURN): S.RETURNED,
    (S.UNDELIVERED, A.RETURN): S.RETURNED,
}


def states_allowing(act: ShipmentAct) -> list[ShipmentState]:
    """Return the states from which an act is possible."""
    return [state for state, possible in TRANSITIONS if possible is act]


def acts_in(state: ShipmentState) -> list[ShipmentAct]:
    """Return the acts that are possible in a state."""
    return [act for possible, act in TRANSITIONS if possible is state]
