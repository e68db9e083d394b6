"""What an operator sets for this door: nothing but the secret, which we make."""

from collections.abc import Mapping

SETTINGS: Mapping[str, str] = {}
