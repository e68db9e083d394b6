"""Failures of bulk events."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError


class EventNotFoundError(NotFoundError):
    code = "event_not_found"

    def __init__(self, key: str) -> None:
        super().__init__("There is no such event.", key=key)


class SessionNotFoundError(NotFoundError):
    code = "session_not_found"

    def __init__(self, session_id: UUID) -> None:
        super().__init__("There is no such session.", session_id=str(session_id))


class AttendeeNotFoundError(NotFoundError):
    code = "attendee_not_found"

    def __init__(self, attendee_id: UUID) -> None:
        super().__init__("There is no such attendee.", attendee_id=str(attendee_id))


class EventExistsError(ConflictError):
    code = "event_exists"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is an event {key} already.", key=key)


class QuestionAnsweredError(ConflictError):
    """Somebody answered it meanwhile, or it never waited."""

    code = "question_answered"

    def __init__(self, number: int) -> None:
        super().__init__(f"Row {number} does not wait for an answer.", row=number)


class AddressNeededError(InvalidInputError):
    """Neither the row nor the member's card says where to send it."""

    code = "address_needed"

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(f"There is no complete address: {', '.join(fields)}.", fields=list(fields))


class SessionNotClearError(ConflictError):
    """Something of the event's lists is unexplained: `waiting` rows of the session, `lists` that are not settled."""

    code = "session_not_clear"

    def __init__(self, key: str, *, waiting: int, lists: Sequence[str]) -> None:
        super().__init__(
            f"Session {key} cannot be released: {waiting} rows wait for an answer, {len(lists)} lists are not settled.",
            key=key,
            waiting=waiting,
            lists=list(lists),
        )


class ListNotOpenError(ConflictError):
    """A list that is still read cannot be settled; one without anything open need not be."""

    code = "list_not_open"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__("This list has nothing to settle.", upload_id=str(upload_id))
