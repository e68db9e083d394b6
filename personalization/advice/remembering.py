"""What was said of a rule's own condition, remembered by its content: of a large document one rule changes at a time.

Nothing of a shop is in it but what decided the answer; equal rules of two shops have equal answers.
"""

import hashlib
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Final

from personalization.advice.advice import Advice, Notebook
from personalization.advice.conditions import advise_condition
from personalization.advice.subjects import Subject
from personalization.insert_info import Inserts

# Of some 2 kB each at the most.
MOST: Final = 4000
Key = tuple[bytes, bytes, date]


class Memory:
    """The last answers, by the digest of rule and inserts and by the day. Shared by the threads of a process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[Key, tuple[Advice, ...]] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> tuple[Advice, ...] | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def keep(self, key: Key, answer: tuple[Advice, ...]) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


MEMORY: Final = Memory()


def digest_inserts(inserts: Inserts) -> bytes:
    """Return what tells inserts apart; their text form names every field."""
    return hashlib.blake2b(repr(sorted(inserts.items())).encode(), digest_size=16).digest()


def advise_known_condition(
    subject: Subject, inserts: Inserts, told_inserts: bytes, today: date, notebook: Notebook
) -> None:
    """As `advise_condition`, thought once. Places are kept without the number of the rule: rules move."""
    key = (subject.digest, told_inserts, today)
    answer = MEMORY.find(key)
    if answer is None:
        own = Notebook()
        advise_condition(subject, inserts, today, own)
        answer = tuple(replace(each, place=each.place.removeprefix(subject.place)) for each in own.found)
        MEMORY.keep(key, answer)
    for each in answer:
        notebook.found[replace(each, place=f"{subject.place}{each.place}")] = None
