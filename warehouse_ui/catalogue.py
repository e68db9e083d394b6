"""Keeps the English catalogue in step with the sources.

`python -m warehouse_ui.catalogue` adds new texts, drops old ones, and names what has no English yet.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

FOLDER: Final = Path(__file__).parent
ENGLISH: Final = FOLDER / "locales" / "en" / "LC_MESSAGES" / "messages.po"
METHODS: Final = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS: Final = {
    "templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.i18n"}
}
KEYWORDS: Final = {"gettext": None, "mark": None, "ngettext": (1, 2)}
# A fixed header: a date that changes by itself would be a change in every diff.
HEADER: Final = "# The English words of the screens. Kept in step by `python -m warehouse_ui.catalogue`."
MADE_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


def extract() -> Catalog:
    """Return every text of screens and templates, with where it stands."""
    template = Catalog(
        locale="en", project="soegaki", header_comment=HEADER, creation_date=MADE_AT, revision_date=MADE_AT, fuzzy=False
    )
    found = extract_from_dir(FOLDER, METHODS, OPTIONS, keywords=KEYWORDS)
    for file, _line, message, comments, context in found:
        template.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return template


def read_english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def update() -> list[str]:
    """Write the catalogue anew; returns the texts that have no English yet."""
    known = read_english() if ENGLISH.exists() else Catalog(locale="en")
    catalogue = extract()
    for message in catalogue:
        before = known.get(message.id)
        if message.id and before is not None and before.string:
            message.string = before.string
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, catalogue, sort_output=True, width=0, include_lineno=False)
    return list_missing(catalogue)


def list_missing(catalogue: Catalog) -> list[str]:
    """Return the texts without English."""
    return [str(message.id) for message in catalogue if message.id and not _is_whole(message.string)]


def _is_whole(string: object) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def main() -> None:
    missing = update()
    raise SystemExit("\n".join(["No English yet:", *missing]) if missing else 0)


if __name__ == "__main__":
    main()
