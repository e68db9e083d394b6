"""What ships with the product: the catalogue of slots and the gallery of templates. JSON files beside this module."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
# Told by the copy itself, in every template; `page` and `pages` in page numbers only.
BUILT_IN_SLOTS = frozenset(("copy_code", "copy_code_plain"))
PAGE_SLOTS = frozenset(("page", "pages"))


@cache
def load_slots() -> dict[str, dict[str, Any]]:
    """Return the catalogue: slot name → type, label (ja, en), sample (ja, en), fields of rows."""
    slots: dict[str, dict[str, Any]] = json.loads((_FOLDER / "slots.json").read_text(encoding="utf-8"))
    return slots


@cache
def load_sample_picture(name: str) -> bytes:
    """Return one of the pictures that templates are shown with; KeyError when there is none of this name."""
    pictures = {path.name: path for path in (_FOLDER / "gallery" / "pictures").glob("*.*")}
    return pictures[name].read_bytes()


@cache
def load_gallery() -> dict[tuple[str, str], dict[str, Any]]:
    """Return the shipped templates by key and language."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((_FOLDER / "gallery").glob("*.json"))]
    return {(document["key"], document["language"]): document for document in documents}
