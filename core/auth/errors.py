"""Failures of signing in and of permission."""

from core.errors import AppError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnauthorizedError


class SignInNeededError(UnauthorizedError):
    code = "sign_in_needed"

    def __init__(self) -> None:
        super().__init__("Sign in, or send a valid API key.")


class KeyRefusedError(UnauthorizedError):
    code = "key_refused"

    def __init__(self) -> None:
        super().__init__("This API key is unknown, expired or revoked.")


class RoleNeededError(ForbiddenError):
    code = "role_needed"

    def __init__(self, roles: list[str]) -> None:
        super().__init__(f"This needs one of these roles: {', '.join(roles)}.", roles=roles)


class CsrfError(ForbiddenError):
    code = "csrf_failed"

    def __init__(self) -> None:
        super().__init__("The page was too old or came from elsewhere. Load it again and repeat.")


class ShopNotChosenError(ConflictError):
    code = "shop_not_chosen"

    def __init__(self) -> None:
        super().__init__("Choose a shop first (header Soegaki-Shop, or the shop switch).")


class ShopNotGrantedError(NotFoundError):
    """The same answer whether the shop does not exist or is not yours."""

    code = "shop_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such shop among yours.")


class TooManyAttemptsError(AppError):
    status_code = 429
    code = "too_many_attempts"
    permanent = False

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {wait_seconds} seconds.", wait_seconds=wait_seconds)


class SignInRefusedError(UnauthorizedError):
    """One sentence for unknown, disabled and wrong: the answer tells nobody which accounts exist."""

    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("E-mail address and password do not match.")


class WeakPasswordError(InvalidInputError):
    code = "weak_password"


class UserNotFoundError(NotFoundError):
    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such user among yours.")


class EmailTakenError(ConflictError):
    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("There is already a user with this e-mail address.")


class GrantRefusedError(InvalidInputError):
    code = "grant_refused"


class LastAdministratorError(ConflictError):
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("This is the last administrator of the installation; appoint another one first.")


class ApiKeyNotFoundError(NotFoundError):
    code = "api_key_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such API key among yours.")


class ForeignCallerError(ForbiddenError):
    code = "not_for_keys"

    def __init__(self) -> None:
        super().__init__("This is for a person who is signed in, not for an API key.")


class PasswordChangeNeededError(ForbiddenError):
    """The password was drawn by somebody else: until it is changed, nothing but one's own account is open."""

    code = "password_change_needed"

    def __init__(self) -> None:
        super().__init__("Choose a password of your own first.")
