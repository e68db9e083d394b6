"""E-mail addresses of staff, as they are kept."""

import re
import unicodedata

from core.errors import InvalidInputError

_SHAPE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def normalise_email(text: str) -> str:
    """Trim, fold full-width forms and lower the case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def check_email(text: str) -> str:
    """Return the normalised address; raises InvalidInputError when it is none."""
    email = normalise_email(text)
    if len(email) > 254 or not _SHAPE.fullmatch(email):
        raise InvalidInputError("This is no e-mail address.", field="email")
    return email
