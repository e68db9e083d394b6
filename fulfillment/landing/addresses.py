"""Pure: checks the addresses and campaign names that an operator enters, and builds the address a visitor is sent to.

Nothing a visitor sends goes into it: only what is stored, and the closed list of placeholders.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from core.errors import InvalidInputError

# What a placeholder may stand for: nothing that is one person's.
PLACEHOLDERS: Final = ("shop", "template", "language", "month")
LONGEST_ADDRESS: Final = 2000
LONGEST_NAME: Final = 100
# Google's campaign parameters, which nearly every analytics tool reads.
# https://support.google.com/analytics/answer/10917952
PARAMETERS: Final = {
    "source": "utm_source",
    "medium": "utm_medium",
    "campaign": "utm_campaign",
    "content": "utm_content",
}
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f\\\"<>^`|]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class LandingError(InvalidInputError):
    """`reason` is one of: not_https, no_host, has_sign_in, unfit_character, too_long, own_address,
    unknown_placeholder, placeholder_in_host, bad_port, out_of_range.
    """

    code = "landing_refused"

    def __init__(self, field: str, reason: str, **details: object) -> None:
        super().__init__(f"{field}: {reason}", field=field, reason=reason, **details)


@dataclass(frozen=True, slots=True)
class Campaign:
    """The four names that go with a visit; an empty one is left out."""

    source: str
    medium: str
    campaign: str
    content: str


def check_address(field: str, text: str, *, own_host: str | None = None) -> str:
    """Return the address as browsers take it (host in IDNA, rest percent-encoded). Raises LandingError."""
    if len(text) > LONGEST_ADDRESS:
        raise LandingError(field, "too_long", limit=LONGEST_ADDRESS)
    if _UNFIT.search(text):
        raise LandingError(field, "unfit_character")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise LandingError(field, "bad_port") from None
    if parts.scheme != "https":
        raise LandingError(field, "not_https")
    if "@" in parts.netloc:
        raise LandingError(field, "has_sign_in")
    if _PLACEHOLDER.search(parts.netloc):
        raise LandingError(field, "placeholder_in_host")
    check_placeholders(field, text)
    host = _encode_host(field, parts.hostname or "")
    if host == own_host:
        raise LandingError(field, "own_address")
    netloc = host if port is None else f"{host}:{port}"
    rest = (quote(part, safe="/%:@!$&'()*+,;=~-._?{}") for part in (parts.path or "/", parts.query, parts.fragment))
    return urlunsplit(("https", netloc, *rest))


def _encode_host(field: str, host: str) -> str:
    """Return the host in letters a browser sends; names of one label (localhost, intranet) lead nowhere outside."""
    try:
        encoded = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise LandingError(field, "no_host") from None
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", encoded):
        raise LandingError(field, "no_host")
    return encoded


def check_name(field: str, text: str) -> str:
    """Return a campaign name; raises LandingError."""
    if len(text) > LONGEST_NAME:
        raise LandingError(field, "too_long", limit=LONGEST_NAME)
    if _CONTROL.search(text):
        raise LandingError(field, "unfit_character")
    check_placeholders(field, text)
    return text


def check_placeholders(field: str, text: str) -> None:
    """Refuse what is no known placeholder, and braces that hold none."""
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            raise LandingError(field, "unknown_placeholder", placeholder=f"{{{name}}}")
    if set(_PLACEHOLDER.sub("", text)) & {"{", "}"}:
        raise LandingError(field, "unknown_placeholder", placeholder="{")


def fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def build_address(address: str, campaign: Campaign, values: Mapping[str, str]) -> str:
    """Return a stored address with its campaign parameters; those it has already are replaced where one is given."""
    parts = urlsplit(fill(address, {name: quote(value, safe="") for name, value in values.items()}))
    given = {PARAMETERS[name]: fill(getattr(campaign, name), values) for name in PARAMETERS}
    given = {name: value for name, value in given.items() if value}
    if not given:
        return urlunsplit(parts)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in given]
    return urlunsplit(parts._replace(query=urlencode([*kept, *given.items()])))
