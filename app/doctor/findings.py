"""What an examination says: a level, what was found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """Texts are in the language of the command line; `subject` is a stable name for programs."""

    subject: str
    level: Level
    found: str
    advice: str = ""


def good(subject: str, found: str) -> Finding:
    return Finding(subject, Level.GOOD, found)


def note(subject: str, found: str, advice: str) -> Finding:
    return Finding(subject, Level.NOTE, found, advice)


def bad(subject: str, found: str, advice: str) -> Finding:
    return Finding(subject, Level.BAD, found, advice)
