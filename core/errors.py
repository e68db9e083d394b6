"""Expected failures. Anything that is not an AppError is a bug."""


class AppError(Exception):
    """Base of every failure we foresee.

    `code` is for machines and never changes; the message is for people. `permanent` says that trying again is useless.
    """

    status_code = 400
    code = "bad_request"
    permanent = True

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidInputError(AppError):
    """What was sent cannot be used; the message names place and reason."""

    status_code = 422
    code = "invalid_input"


class UnauthorizedError(AppError):
    status_code = 401
    code = "unauthorized"


class ForbiddenError(AppError):
    status_code = 403
    code = "forbidden"


class NotFoundError(AppError):
    status_code = 404
    code = "not_found"


class ConflictError(AppError):
    status_code = 409
    code = "conflict"


class ErasedError(AppError):
    """The value was sealed under a key that has been destroyed."""

    status_code = 410
    code = "erased"

    def __init__(self) -> None:
        super().__init__("This was erased.")


class UpstreamError(AppError):
    """Another system failed us."""

    status_code = 502
    code = "upstream_failed"

    def __init__(self, message: str, *, permanent: bool = False, **details: object) -> None:
        super().__init__(message, **details)
        self.permanent = permanent
