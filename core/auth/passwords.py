"""Passwords: argon2id hashes, and what a password must be. Nothing here touches the database."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.auth.errors import WeakPasswordError
from core.ids import new_token

MIN_LENGTH = 10
MAX_LENGTH = 200
# OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane.
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_TOO_COMMON = frozenset(
    {
        "0123456789",
        "1234567890",
        "password123",
        "password1234",
        "qwertyuiop",
        "iloveyou123",
        "1q2w3e4r5t",
        "administrator",
    }
)


def check_strength(password: str, *, email: str, name: str) -> None:
    """Raise WeakPasswordError with the reason. Length counts, composition does not (NIST SP 800-63B)."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPasswordError(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.", field="password")
    plain = password.casefold()
    if plain in _TOO_COMMON or len(set(plain)) < 4:
        raise WeakPasswordError("This password is one that everybody tries first.", field="password")
    if plain in {email.casefold(), name.casefold(), email.casefold().partition("@")[0]}:
        raise WeakPasswordError("A password must not be the name or the e-mail address.", field="password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return _hasher.hash(new_token())


def verify_password(hashed: str | None, password: str) -> bool:
    """Compare; without a hash (unknown account) spend the same time and return False."""
    try:
        _hasher.verify(hashed or _hash_of_nobody(), password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def needs_rehash(hashed: str) -> bool:
    """Say whether this hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(hashed)
