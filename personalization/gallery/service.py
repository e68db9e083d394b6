"""The gallery: list it in the reader's language, say what a shop could choose, make a rule of the choices."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.catalogue.models import Product
from personalization.errors import GalleryChoiceError, GalleryEntryNotFoundError
from personalization.gallery.caring import CARING
from personalization.gallery.entry import LISTING, NAMING, Both, Entry, Need, NeedKind
from personalization.gallery.keeping import KEEPING
from personalization.gallery.welcoming import WELCOMING
from personalization.insert_info import InsertInfo
from personalization.inserts import load_inserts
from personalization.models import InsertKind
from personalization.problems import Problems
from personalization.reading import read_whole
from personalization.rulesets.catalogue import Catalogue, TemplateInfo, TemplateKind

ENTRIES: Final[Mapping[str, Entry]] = {entry.key: entry for entry in (*WELCOMING, *KEEPING, *CARING)}
_DROPPED: Final = object()
_TEMPLATES: Final = {NeedKind.LETTER: TemplateKind.LETTER, NeedKind.SLIP: TemplateKind.SLIP}


@dataclass(frozen=True, slots=True)
class NeedWords:
    """A need in one language. `low` and `high` bound a number."""

    key: str
    kind: NeedKind
    label: str
    hint: str
    optional: bool
    default: int | None
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """An entry in one language. `at_top`: it belongs above the other rules."""

    key: str
    icon: str
    name: str
    about: str
    needs: tuple[NeedWords, ...]
    at_top: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop could choose for one need; `suggested` is the first that suits."""

    options: tuple[tuple[str, str], ...]  # key, name
    suggested: str | None


def list_gallery(language: str) -> list[GalleryEntry]:
    """Return every entry in this language (ja, otherwise English)."""
    place = 0 if language == "ja" else 1
    return [
        GalleryEntry(
            entry.key,
            entry.icon,
            entry.name[place],
            entry.about[place],
            tuple(_tell_need(need, place) for need in entry.needs),
            entry.at_top,
        )
        for entry in ENTRIES.values()
    ]


def _tell_need(need: Need, place: int) -> NeedWords:
    words: tuple[str, str] = need.label[place], need.hint[place]
    return NeedWords(need.key, need.kind, *words, need.optional, need.default, need.low, need.high)


def suggest_choices(
    session: Session, shop_id: UUID, entry_key: str, catalogue: Catalogue, language: str = "ja"
) -> dict[str, Offer]:
    """Return what this shop has for each need that names something of it; figures have their default in the entry."""
    inserts = [insert for insert in load_inserts(session, shop_id).values() if insert.active]
    place = 0 if language == "ja" else 1
    offers: dict[str, Offer] = {}
    for need in _get_entry(entry_key).needs:
        if need.kind is NeedKind.CATEGORIES:
            offers[need.key] = Offer(tuple((each, each) for each in _list_categories(session, shop_id)), None)
        elif need.kind in NAMING:
            offers[need.key] = _offer(need, inserts, catalogue, place)
    return _suggest_each_once(offers)


def _suggest_each_once(offers: Mapping[str, Offer]) -> dict[str, Offer]:
    """No thing is suggested for two needs of one rule: it would be named twice."""
    used: set[str | None] = set()
    found = {}
    for key, offer in offers.items():
        free = [option for option, _ in offer.options if option not in used]
        suggested = offer.suggested if offer.suggested not in used else next(iter(free), None)
        found[key] = Offer(offer.options, suggested)
        used.add(suggested)
    return found


def _offer(need: Need, inserts: Sequence[InsertInfo], catalogue: Catalogue, place: int) -> Offer:
    if need.kind in _TEMPLATES:
        fitting = [t for t in catalogue.templates.values() if t.kind is _TEMPLATES[need.kind]]
        options = tuple((t.key, (t.name_ja, t.name_en)[place] or t.key) for t in fitting)
        keys = [key for key, _ in options]
        return Offer(options, need.template if need.template in keys else next(iter(keys), None))
    chosen = [insert for insert in inserts if _suits(need, insert)]
    # What suits best is what the entry names first.
    chosen.sort(key=lambda insert: need.insert_kinds.index(insert.kind) if need.insert_kinds else 0)
    options = tuple((insert.key, (insert.name_ja, insert.name_en)[place]) for insert in chosen)
    return Offer(options, next((key for key, _ in options), None))


def _suits(need: Need, insert: InsertInfo) -> bool:
    if need.kind is NeedKind.TASK:
        return insert.kind is InsertKind.TASK
    return insert.kind in need.insert_kinds if need.insert_kinds else insert.kind is not InsertKind.TASK


def _list_categories(session: Session, shop_id: UUID) -> list[str]:
    wanted = select(Product.category).where(Product.shop_id == shop_id, Product.category.is_not(None)).distinct()
    return sorted(category for category in session.scalars(wanted) if category)


def fill(
    entry_key: str,
    choices: Mapping[str, Any],
    catalogue: Catalogue | None = None,
    *,
    taken: AbstractSet[str] = frozenset(),
) -> dict[str, Any]:
    """Return the rule that the choices make; figures left out have their default. `taken` are keys of other rules.

    With the catalogue the letter's slots are those the chosen template has. Raises GalleryEntryNotFoundError, and
    GalleryChoiceError naming the need that is missing or wrong.
    """
    entry = _get_entry(entry_key)
    chosen = {need.key: _read_choice(need, choices.get(need.key)) for need in entry.needs}
    rule = _substitute(entry.rule, chosen)
    for action in rule["then"]:
        if action["do"] == "letter":
            template = None if catalogue is None else catalogue.templates.get(action["template"])
            slots = dict(_list_texts(entry.texts, template))
            if slots:
                action["slots"] = slots
    name = {"ja": entry.name[0], "en": entry.name[1]}
    return {"key": _find_free(entry.key, taken), "name": name, **rule}


def _get_entry(key: str) -> Entry:
    if key not in ENTRIES:
        raise GalleryEntryNotFoundError(key)
    return ENTRIES[key]


def _find_free(key: str, taken: AbstractSet[str]) -> str:
    number, found = 1, key
    while found in taken:
        number += 1
        found = f"{key}-{number}"
    return found


def _read_choice(need: Need, value: Any) -> Any:
    """Return the choice as the rule holds it; `_DROPPED` for an optional one that was not made."""
    if value in (None, "", [], ()):
        if need.default is not None:
            return need.default
        if need.optional:
            return _DROPPED
        raise GalleryChoiceError(need.key, None, *need.label)
    if need.kind in NAMING:
        return str(value)
    if need.kind in LISTING:
        members = value.replace("、", ",").split(",") if isinstance(value, str) else value
        return sorted({str(member).strip() for member in members} - {""})
    return _read_whole(need, value)


def _read_whole(need: Need, value: Any) -> int:
    problems = Problems()
    number = int(value) if isinstance(value, str) and value.strip().isdecimal() and len(value) < 16 else value
    found = read_whole(number, need.key, problems, need.low, need.high)
    if found is None:
        raise GalleryChoiceError(need.key, problems.found[0], *need.label)
    return found


def _substitute(value: Any, chosen: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"choose"}:
            return chosen[value["choose"]]
        return {key: _substitute(member, chosen) for key, member in value.items()}
    if isinstance(value, list | tuple):
        members = [_substitute(member, chosen) for member in value]
        return [member for member in members if not _is_dropped(member)]
    return value


def _is_dropped(member: Any) -> bool:
    return isinstance(member, dict) and any(part is _DROPPED for part in member.values())


def _list_texts(texts: Mapping[str, Both], template: TemplateInfo | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the texts that the letter has slots for; unknown letters get the first."""
    fitting = list(texts) if template is None else [slot for slot in texts if slot in template.slots]
    wanted = fitting[:1] if template is None else _without_doubles(fitting, template)
    for slot in wanted:
        yield slot, {"ja": texts[slot][0], "en": texts[slot][1]}


def _without_doubles(fitting: list[str], template: TemplateInfo) -> list[str]:
    """What must be filled, or else the first that can be: two openings of one letter would be one too many."""
    needed = [slot for slot in fitting if slot in template.needed]
    return needed or fitting[:1]
