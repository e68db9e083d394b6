"""What the command line says to people: Japanese or English, as `SOEGAKI_DEFAULT_LANGUAGE` says."""

import sys

from core.settings import get_settings


def choose(japanese: str, english: str) -> str:
    return english if get_settings().default_language == "en" else japanese


def say(japanese: str, english: str) -> None:
    """Print a line for the person who started the command; standard output is left to results."""
    print(choose(japanese, english), file=sys.stderr, flush=True)
