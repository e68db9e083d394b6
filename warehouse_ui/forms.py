"""Forms whose fields are not known beforehand: one number per line of a list, one row per condition."""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData

from core.errors import InvalidInputError
from core.tabular.cells import fold, read_decimal
from personalization.number_words import show_given
from personalization.problems import Problem
from warehouse_ui.i18n import get_language, gettext

LARGEST_COUNT: Final = 1_000_000
LARGEST_NUMBER: Final = 10**15
_SEPARATOR: Final = re.compile(r"[,、，\n]+")


async def read_form(request: Request) -> AsyncIterator[FormData]:
    """Give the form, and close the files in it afterwards."""
    async with request.form() as form:
        yield form


FormDep = Annotated[FormData, Depends(read_form)]


def read_text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def read_counts(form: FormData, prefix: str) -> dict[str, int]:
    """Return the whole numbers of the fields that begin with `prefix`, by the rest of their names; none for empty."""
    return {
        name.removeprefix(prefix): read_count(form, name) for name in form if name.startswith(prefix) and form[name]
    }


def read_count(form: FormData, name: str) -> int:
    text = read_text(form, name)
    count = to_number(text)
    if not isinstance(count, int) or not 0 <= count <= LARGEST_COUNT:
        sentence = gettext("%(name)s: 0から%(largest)sまでの整数を入力してください（入力: %(given)s）。")
        shown = {"name": name.rpartition(":")[2], "largest": f"{LARGEST_COUNT:,}", "given": show_given(text)}
        raise InvalidInputError(sentence % shown, field=name)
    return count


def to_number(text: str) -> int | float | str | None:
    """Return the number that a person wrote (1,000 or １２ too), None for nothing; what is none, or beyond all sense,
    stays as it is, so that a check can name it.
    """
    number = read_decimal(text)
    if number is None or abs(number) >= LARGEST_NUMBER:
        return text or None
    return float(number) if "." in fold(text) else int(number)


def name_problems(problems: Iterable[Problem], name_field: Callable[[str], str]) -> list[str]:
    """Return what is wrong with a form, each with the field it belongs to, in the reader's language."""
    return [
        gettext("%(field)s: %(problem)s")
        % {
            "field": name_field(problem.place),
            "problem": problem.ja if get_language() == "ja" else problem.en,
        }
        for problem in problems
    ]


def split_texts(text: str) -> list[str]:
    """Return the parts between commas, Japanese ones too."""
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
