"""A template as the start of one in the other language: the same shape and texts; and which texts are still foreign."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from documents.catalogue import load_slots
from documents.drafting import TemplateDraft, load_draft, save_draft, start_draft
from documents.errors import TemplateNotFoundError
from documents.patterns import FieldRef, parse_pattern
from documents.templates import AnyElement, Group, Table, Template
from documents.walking import walk_elements

OTHER: Final[Mapping[str, str]] = {"ja": "en", "en": "ja"}
_JAPANESE: Final = re.compile(r"[々〆ぁ-ヿ㐀-䶿一-鿿豈-﫿]")
# A word or two may be a brand or a sign (JAN); three make a sentence.
_SENTENCE: Final = re.compile(r"[A-Za-z]+(?:['’,.!?:;]*\s+[A-Za-z]+){2,}")


def translate(
    session: Session, shop_id: UUID, key: str, language: str, *, author: str, seen: int | None = None
) -> TemplateDraft:
    """Begin the template of this key in the other language from the draft as it stands.

    Where there is one already, its draft is replaced: `seen` says which draft was seen, None that there was none.
    Raises TemplateTakenError, TemplateDraftOvertakenError.
    """
    document = put_into(load_draft(session, shop_id, key, language).document, OTHER[language])
    if seen is None:
        return start_draft(session, shop_id, document, author=author)
    save_draft(session, shop_id, key, OTHER[language], document, seen=seen, author=author)
    return load_draft(session, shop_id, key, OTHER[language])


def find_twin(session: Session, shop_id: UUID, key: str, language: str) -> TemplateDraft | None:
    """Return the template of this key in the other language."""
    try:
        return load_draft(session, shop_id, key, OTHER[language])
    except TemplateNotFoundError:
        return None


def put_into(document: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the document in another language: samples that the catalogue has in that language are taken from there."""
    found: dict[str, Any] = {**deepcopy(dict(document)), "language": language}
    slots = found.get("slots")
    for name, spec in slots.items() if isinstance(slots, dict) else ():
        # An empty sample is a choice: the template is shown without it.
        if isinstance(spec, dict) and spec.get("sample") and name in load_slots():
            del spec["sample"]
    return found


def list_foreign_texts(template: Template) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of each element whose own words are not in the template's language."""
    for place, element in walk_elements(template):
        text = next((each for each in _list_words(element) if is_foreign(each, template.language)), None)
        if text is not None:
            yield place, text


def is_foreign(text: str, language: str) -> bool:
    """Whether it holds Japanese in an English template, or an English sentence and no Japanese in a Japanese one."""
    if language == "en":
        return _JAPANESE.search(text) is not None
    return _JAPANESE.search(text) is None and _SENTENCE.search(text) is not None


def _list_words(element: AnyElement) -> Iterator[str]:
    """Yield what an element says besides its slots."""
    patterns = [str(getattr(element, "text", None) or "")] if not isinstance(element, Group) else []
    if isinstance(element, Table):
        patterns += [part for column in element.columns for part in (column.label or "", column.text, column.note)]
    for pattern in patterns:
        words = "".join(part.prefix if isinstance(part, FieldRef) else part for part in parse_pattern(pattern)).strip()
        if words:
            yield words
