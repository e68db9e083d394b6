"""Forms whose fields are not known beforehand: one number per line of a list, one row per condition."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData

from core.errors import InvalidInputError
from warehouse_ui.i18n import gettext

LARGEST_COUNT: Final = 1_000_000
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
    if not text.isdecimal() or int(text) > LARGEST_COUNT:
        sentence = gettext("%(name)s: 0から%(largest)sまでの整数を入力してください。")
        shown = {"name": name.rpartition(":")[2], "largest": f"{LARGEST_COUNT:,}"}
        raise InvalidInputError(sentence % shown, field=name)
    return int(text)


def split_texts(text: str) -> list[str]:
    """Return the parts between commas, Japanese ones too."""
    return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
