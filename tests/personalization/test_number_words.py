"""What a message says of a number that cannot be taken."""

from typing import Any

import pytest

from personalization.number_words import show_given, tell_range
from personalization.problems import Problems
from personalization.reading import read_between, read_whole


@pytest.mark.parametrize(
    ("given", "ja", "en"),
    [
        (1e23, "0〜3,650の整数が必要です(入力: 1e+23)", "a whole number from 0 to 3,650 is needed, not 1e+23"),
        (12.5, "0〜3,650の整数が必要です(入力: 12.5)", "a whole number from 0 to 3,650 is needed, not 12.5"),
        ("1e999", "0〜3,650の整数が必要です(入力: 1e999)", "a whole number from 0 to 3,650 is needed, not 1e999"),
        (3651, "0〜3,650の数が必要です(入力: 3,651)", "a number from 0 to 3,650 is needed, not 3,651"),
        ("", "値が空です", "the value is empty"),
    ],
)
def test_a_whole_number_that_is_none_is_told_with_its_range(given: Any, ja: str, en: str) -> None:
    problems = Problems()
    assert read_whole(given, "$.days", problems, 0, 3650) is None
    assert [(problem.ja, problem.en) for problem in problems.found] == [(ja, en)]


def test_a_number_beyond_every_fraction_is_refused_and_not_written_out() -> None:
    problems = Problems()
    assert read_between(10**5000, "$", problems, 0, None) is None
    assert read_between(float("nan"), "$", problems, None, None) is None
    assert [problem.code for problem in problems.found] == ["not_a_number", "not_a_number"]
    assert show_given("9" * 100) == "9" * 40 + "…"


def test_a_range_may_be_open_at_either_end() -> None:
    assert tell_range(None, None) == ("", "")
    assert tell_range(0.0, None) == ("0以上", "of at least 0")
    assert tell_range(None, 1.5) == ("1.5以下", "of at most 1.5")
