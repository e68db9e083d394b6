"""A word for something: its text, its tone, its icon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """`text` is translated when it is shown. `tone` is good, bad, warn, info or calm."""

    text: str
    tone: str = "calm"
    icon: str = "info"
