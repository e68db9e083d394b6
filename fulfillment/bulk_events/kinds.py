"""The closed lists of bulk events, and what a row of a list may become. Pure."""

from enum import StrEnum


class ListKind(StrEnum):
    """Where a list of attendees comes from."""

    ADVANCE = "advance"  # 前売り
    DAY_OF = "day_of"  # 当日
    NEW = "new"  # 新規購入


class RowState(StrEnum):
    """What became of a row. Rows in = the sum of all of them."""

    MATCHED = "matched"  # a member we know: an attendee of the session
    NEW = "new"  # nobody we know: a customer was made, and an attendee
    DUPLICATE = "duplicate"  # an attendee of this session already: one parcel is enough
    WAITING = "waiting"  # a person must say who it is
    REJECTED = "rejected"  # not usable; the error file says why


class Doubt(StrEnum):
    """Why a row waits for a person."""

    SEVERAL_MEMBERS = "several_members"  # member number, e-mail and telephone find different members
    OTHER_NAME = "other_name"  # one key finds a member of another name: a family, or a new name
    LOOKS_LIKE_MEMBER = "looks_like_member"  # no key finds anybody, but name and postal code are a member's
    TICKET_TAKEN = "ticket_taken"  # the ticket is somebody else's already


class Answer(StrEnum):
    """What a person says of a waiting row."""

    SAME_PERSON = "same_person"  # this member: a parcel unless the member has one already
    ANOTHER_PERSON = "another_person"  # somebody of their own: a parcel of their own
    LEAVE_OUT = "leave_out"  # no parcel, with a reason


class AttendeeState(StrEnum):
    ENTITLED = "entitled"
    RELEASED = "released"  # has an order, and with it a shipment
    WITHDRAWN = "withdrawn"


class Stage(StrEnum):
    """How far an attendee's parcel is, from the first step to the last."""

    ENTITLED = "entitled"
    ORDERED = "ordered"
    HELD = "held"
    PLANNED = "planned"
    WAVED = "waved"
    PRINTED = "printed"
    VERIFIED = "verified"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"  # the parcel, not the right to it: a difference that somebody must explain
    WITHDRAWN = "withdrawn"
