"""All that the designer knows before it asks again: slots, flags, fonts, pictures, paper. As JSON."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from documents.catalogue import load_slots
from documents.element_words import FONTS, KINDS, Words, find_words
from documents.formats import FORMATS
from documents.library import list_pictures
from documents.models import DocumentPicture
from documents.templates import Kind, Style
from documents.typefaces import FAMILIES
from fulfillment.printing.papers import is_filled
from orders.kinds import LetterClass
from personalization.publishing import find_live_version
from warehouse_ui.designer.fields import describe_fields, describe_types
from warehouse_ui.i18n import get_language, gettext, mark
from warehouse_ui.words import find_word

FORMAT_NAMES: Final[Mapping[str, str]] = {
    "hagaki": mark("はがき"),
    "double_hagaki": mark("往復はがき"),
    "letter": mark("レター（米国）"),
    "business_card": mark("名刺"),
    "roll_62x100": mark("ロール 62×100"),
    "roll_100x100": mark("ロール 100×100"),
    "roll_100x150": mark("ロール 100×150"),
    "roll_102x152": mark("ロール 4×6インチ"),
}


def describe_kit(session: Session, shop_id: UUID, *, may_see_shipments: bool) -> dict[str, Any]:
    """Return what the designer offers, in the reader's language."""
    return {
        "may_see_shipments": may_see_shipments,
        "slots": [_show_slot(key, entry) for key, entry in load_slots().items()],
        "flags": list_rule_flags(session, shop_id),
        "fonts": [{"key": key, "label": name(FONTS, key)} for key in FAMILIES],
        "formats": [
            {"key": key, "label": gettext(FORMAT_NAMES.get(key, key.upper())), "width": width, "height": height}
            for key, (width, height) in FORMATS.items()
        ],
        "kinds": [{"key": str(kind), "label": name(KINDS, kind)} for kind in Kind],
        "types": describe_types(),
        "style_fields": describe_fields(Style),
        "letter_classes": [
            {"key": str(each), "label": gettext(find_word("letter_class", each).text)} for each in LetterClass
        ],
        "pictures": [show_picture(picture) for picture in list_pictures(session, shop_id)],
    }


def name(table: dict[str, Words], key: str) -> str:
    words = find_words(table, key)
    return words[0] if get_language() == "ja" else words[1]


def _say(texts: Mapping[str, str]) -> str:
    return texts["ja"] if get_language() == "ja" else texts["en"]


def _show_slot(key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    fields = entry.get("fields", {})
    labels = entry.get("field_labels", {})
    return {
        "key": key,
        "type": entry["type"],
        "label": _say(entry["label"]),
        "sample": _show_sample(entry),
        # Whether a rule writes it: papers know the rest by themselves.
        "is_written": not is_filled(key) and entry["type"] in ("text", "paragraphs"),
        "fields": [
            {"key": name, "type": str(kind), "label": _say(labels[name]) if name in labels else name}
            for name, kind in fields.items()
        ],
    }


def _show_sample(entry: Mapping[str, Any]) -> str:
    sample = (entry.get("sample") or {}).get(get_language())
    return sample[:60] if isinstance(sample, str) else str(sample) if isinstance(sample, int) else ""


def list_rule_flags(session: Session, shop_id: UUID) -> list[dict[str, Any]]:
    """Return the flags that live rules set, each with the names of those rules."""
    live = find_live_version(session, shop_id)
    rules: dict[str, list[str]] = defaultdict(list)
    for rule in live.document.get("rules", ()) if live else ():
        if rule.get("enabled", True):
            for action in rule.get("then", ()):
                if action.get("do") == "flag":
                    rules[action["flag"]].append(_say(rule["name"]))
    return [{"key": flag, "rules": sorted(names)} for flag, names in sorted(rules.items())]


def show_picture(picture: DocumentPicture) -> dict[str, Any]:
    return {
        "key": picture.key,
        "name": picture.name or picture.key,
        "source": str(picture.source),
        "file": f"/files/pictures/{picture.file_id}",
        "width": picture.width_px,
        "height": picture.height_px,
        "width_mm": picture.width_mm,
        "height_mm": picture.height_mm,
    }
