"""Which goods, channels, campaigns, events and topics a history holds: sets of words, and their sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from crm_link.kinds import TouchpointKind
from personalization.columns import Column, ScalarColumn
from personalization.facts.question import Question
from personalization.loading.blocks import read_words
from personalization.loading.history import AS_OF, OPEN, SEEN, TOUCHPOINT_COLUMNS, USED
from personalization.loading.subjects import Subjects

_USED: Final = ", ".join(f"'{status}'" for status in USED)


@dataclass(frozen=True, slots=True)
class WordSet:
    """`word` is a text or, as `many`, an array of texts of one touchpoint."""

    kinds: tuple[TouchpointKind, ...]
    word: str
    condition: str = "true"
    many: bool = False


_SKUS: Final = WordSet((TouchpointKind.PURCHASE,), "skus", many=True)
_CATEGORIES: Final = WordSet((TouchpointKind.PURCHASE,), "categories", many=True)
WORD_SETS: Final[Mapping[str, WordSet]] = {
    "customer.channels": WordSet((TouchpointKind.PURCHASE,), "channel"),
    "history.purchased_skus": _SKUS,
    "history.purchased_categories": _CATEGORIES,
    "history.sku_count": _SKUS,
    "history.category_count": _CATEGORIES,
    "history.campaigns": WordSet((TouchpointKind.CAMPAIGN,), "campaign"),
    "history.used_campaigns": WordSet(
        (TouchpointKind.CAMPAIGN, TouchpointKind.CAMPAIGN_RESPONSE),
        "campaign",
        f"(kind = '{TouchpointKind.CAMPAIGN_RESPONSE.value}' OR status IN ({_USED}))",
    ),
    "history.events": WordSet((TouchpointKind.ATTENDANCE,), "campaign"),
    "history.open_ticket_topics": WordSet((TouchpointKind.SUPPORT_TICKET,), "categories", OPEN, many=True),
}
SIZES: Final = frozenset({"history.sku_count", "history.category_count"})


def load_word_sets(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question, from one statement."""
    if not questions:
        return {}
    parameters = subjects.parameters
    parameters["kinds"] = sorted({kind.value for q in questions for kind in WORD_SETS[q.key].kinds})
    seen = SEEN.format(columns=TOUCHPOINT_COLUMNS, subjects=subjects.table, as_of=AS_OF[subjects.as_of])
    asked = {f"q{index}": _write_word(q, parameters) for index, q in enumerate(questions)}
    many = {f"q{index}" for index, q in enumerate(questions) if WORD_SETS[q.key].many}
    texts = {name: sql for name, sql in asked.items() if name not in many}
    lists = {name: sql for name, sql in asked.items() if name in many}
    words = read_words(subjects.session, seen, texts, parameters, lists)
    columns: dict[Question, Column] = {}
    for index, question in enumerate(questions):
        found = subjects.make_sets(words[f"q{index}"])
        if question.key in SIZES:
            sizes = np.where(found.known, np.diff(found.offsets), np.nan)
            columns[question] = ScalarColumn(question.fact.type, sizes)
        else:
            columns[question] = found
    return columns


def _write_word(question: Question, parameters: dict[str, Any]) -> str:
    wanted = WORD_SETS[question.key]
    conditions = [f"kind IN ({', '.join(repr(kind.value) for kind in wanted.kinds)})", wanted.condition]
    days = question.get("days")
    if days is not None:
        # Named by its value, so that equal questions are equal SQL and read once.
        parameters[f"days_{days}"] = days
        conditions.append(f"age <= :days_{days}")
    return f"CASE WHEN {' AND '.join(conditions)} THEN {wanted.word} END"
