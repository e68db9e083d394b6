"""Facts about touchpoints: counted (history), listed (word sets), or read from the sequence of purchases."""

from collections.abc import Sequence

from personalization.columns import Column
from personalization.facts.question import Question
from personalization.loading.counting import load_history
from personalization.loading.purchases import PURCHASE_FACTS, load_purchases
from personalization.loading.subjects import Subjects
from personalization.loading.wordsets import WORD_SETS, load_word_sets


def load_touchpoints(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question of source `touchpoints`."""
    listed = [question for question in questions if question.key in WORD_SETS]
    sequence = [question for question in questions if question.key in PURCHASE_FACTS]
    return (
        load_history(subjects, list_counted(questions))
        | load_word_sets(subjects, listed)
        | (load_purchases(subjects, sequence) if sequence else {})
    )


def list_counted(questions: Sequence[Question]) -> list[Question]:
    """Return those that are counted over whole histories."""
    return [question for question in questions if question.key not in WORD_SETS and question.key not in PURCHASE_FACTS]
