"""Checks a template document strictly and compiles it; every fault is told with its place and reason."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakValueDictionary

from pydantic import ValidationError

from documents.catalogue import BUILT_IN_SLOTS, PAGE_SLOTS, load_slots
from documents.errors import TemplateInvalidError, TemplateProblem
from documents.expanding import expand_template
from documents.invoice_law import check_law
from documents.offer_elements import Coupon, ProductCards
from documents.patterns import list_fields, parse_pattern
from documents.placement import check_placement
from documents.slots import Slot, SlotError, resolve_slot
from documents.templates import AnyElement, Image, InsertList, PageNumber, Picture, SlotType, Table, Template
from documents.typefaces import FAMILIES
from documents.walking import walk_elements

_SCHEMA_JA = {
    "missing": "必要な項目がありません",
    "extra_forbidden": "知らない項目です",
    "literal_error": "使えない値です",
    "enum": "使えない値です",
    "greater_than": "小さすぎます",
    "greater_than_equal": "小さすぎます",
    "less_than": "大きすぎます",
    "less_than_equal": "大きすぎます",
    "union_tag_invalid": "知らない種類の要素です",
    "string_pattern_mismatch": "書式が違います",
}


@dataclass(frozen=True, eq=False)
class CompiledTemplate:
    """A template that passed every check. `sha256` is over its canonical JSON.

    `pictures` are the library's by key: those that its elements name, and what picture slots show when a copy brings
    none of its own (the picture whose key is the slot's name).
    """

    template: Template
    slots: Mapping[str, Slot]
    sha256: str
    document_json: str
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def named_pictures(self) -> tuple[str, ...]:
        """The keys of pictures that its elements name."""
        named = {element.picture for _, element in walk_elements(self.template) if isinstance(element, Picture)}
        return tuple(sorted(named))

    @cached_property
    def picture_slots(self) -> tuple[str, ...]:
        """The slots that take a picture."""
        return tuple(slot.name for slot in self.slots.values() if slot.type is SlotType.IMAGE)

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.document_json)
        return document

    @property
    def key(self) -> str:
        return self.template.key

    @property
    def language(self) -> str:
        return self.template.language


def compile_template(document: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None) -> CompiledTemplate:
    """Check and compile a template document; the same document and pictures give the same object.

    Raises TemplateInvalidError. Without `pictures` nothing is said about whether the library has them.
    """
    plain = _compile(canonical_json(document))
    return add_pictures(plain, pictures) if pictures else plain


def find_compiled(sha256: str) -> CompiledTemplate | None:
    """Return the template of this digest, without pictures, if this process has compiled it lately."""
    return _compiled.get(sha256)


def add_pictures(plain: CompiledTemplate, pictures: Mapping[str, bytes]) -> CompiledTemplate:
    """Return the same template with pictures; the same pictures give the same object."""
    return _furnish(plain.document_json, tuple(sorted(pictures.items())))


_compiled: WeakValueDictionary[str, CompiledTemplate] = WeakValueDictionary()


@lru_cache(maxsize=128)
def _furnish(document_json: str, pictures: tuple[tuple[str, bytes], ...]) -> CompiledTemplate:
    return replace(_compile(document_json), pictures=dict(pictures))


def canonical_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=512)
def _compile(document_json: str) -> CompiledTemplate:
    try:
        template = Template.model_validate_json(document_json)
    except ValidationError as error:
        raise TemplateInvalidError([_from_schema(dict(fault)) for fault in error.errors()]) from None
    slots: dict[str, Slot] = {}
    problems = list(_check_slots(template, slots))
    for place, element in walk_elements(template):
        problems.extend(_check_element(place, element, template, slots))
    problems.extend(check_placement(template))
    problems.extend(
        TemplateProblem(
            f"styles.{name}.font",
            "unknown_font",
            f"書体「{style.font}」はありません",
            f"There is no font “{style.font}”",
        )
        for name, style in template.styles.items()
        if style.font not in FAMILIES
    )
    # What the law asks is looked for in a template that is otherwise whole.
    if problems := problems or list(check_law(template)):
        raise TemplateInvalidError(problems)
    digest = hashlib.sha256(document_json.encode()).hexdigest()
    compiled = _compiled[digest] = CompiledTemplate(expand_template(template), slots, digest, document_json)
    return compiled


def _from_schema(fault: dict[str, Any]) -> TemplateProblem:
    place = ""
    for step in fault["loc"]:
        place += f"[{step}]" if isinstance(step, int) else f".{step}" if place else str(step)
    kind = str(fault["type"])
    return TemplateProblem(place, kind, _SCHEMA_JA.get(kind, "値が正しくありません"), str(fault["msg"]))


def _check_slots(template: Template, slots: dict[str, Slot]) -> Iterator[TemplateProblem]:
    """Fill `slots` with what the template declares, from the catalogue where it says no more than a name."""
    for name, spec in template.slots.items():
        try:
            slots[name] = resolve_slot(name, spec, load_slots().get(name), template.language)
        except SlotError as error:
            yield TemplateProblem(f"slots.{name}", error.code, error.message_ja, error.message_en)


_STYLES = (
    "style",
    "header_style",
    "note_style",
    "price_style",
    "title_style",
    "value_style",
    "code_style",
)
_COUPON_TEXTS = ("title", "value", "code", "expires", "terms")
_NEEDED_FIELDS = {InsertList: {"name", "quantity"}, ProductCards: {"name"}}


def _check_element(
    place: str, element: AnyElement, template: Template, slots: Mapping[str, Slot]
) -> Iterator[TemplateProblem]:
    if element.show_if_slot and element.show_if_slot not in template.slots:
        yield _unknown(place + ".show_if_slot", "slot", element.show_if_slot)
    if element.show_if_flag and element.show_if_flag not in template.flags:
        yield _unknown(place + ".show_if_flag", "flag", element.show_if_flag)
    for name in _STYLES:
        style = getattr(element, name, None)
        if style is not None and style not in template.styles:
            yield _unknown(f"{place}.{name}", "style", style)
    if isinstance(element, Table | InsertList | ProductCards | Image):
        yield from _check_slot_type(place, element, slots)
    if isinstance(element, Table):
        yield from _check_columns(place, element, template, slots)
        return
    allowed = set(slots) | BUILT_IN_SLOTS | (PAGE_SLOTS if isinstance(element, PageNumber) else set())
    for name in _COUPON_TEXTS if isinstance(element, Coupon) else ("text",):
        yield from _check_pattern(f"{place}.{name}", getattr(element, name, None) or "", allowed, slots)


def _check_slot_type(
    place: str, element: Table | InsertList | ProductCards | Image, slots: Mapping[str, Slot]
) -> Iterator[TemplateProblem]:
    wanted = SlotType.IMAGE if isinstance(element, Image) else SlotType.ROWS
    slot = slots.get(element.slot)
    if slot is None:
        yield _unknown(place + ".slot", "slot", element.slot)
    elif slot.type is not wanted:
        yield _wrong_type(place + ".slot", element.slot, slot.type)
    elif not (needed := _NEEDED_FIELDS.get(type(element), set())) <= set(slot.fields):
        yield _unknown(place + ".slot", "field", ", ".join(sorted(needed)))


def _check_columns(
    place: str, element: Table, template: Template, slots: Mapping[str, Slot]
) -> Iterator[TemplateProblem]:
    fields = set(slots[element.slot].fields) if element.slot in slots else set()
    for number, column in enumerate(element.columns):
        where = f"{place}.columns[{number}]"
        if column.field not in fields:
            yield _unknown(where + ".field", "field", column.field)
        if column.style is not None and column.style not in template.styles:
            yield _unknown(where + ".style", "style", column.style)
        yield from _check_pattern(where + ".text", column.text, fields, {})
        yield from _check_pattern(where + ".note", column.note, fields, {})


def _check_pattern(place: str, pattern: str, allowed: set[str], slots: Mapping[str, Slot]) -> Iterator[TemplateProblem]:
    try:
        parse_pattern(pattern)
    except ValueError as error:
        yield TemplateProblem(place, "bad_pattern", "差込の書き方が違います", f"The pattern is broken: {error}")
        return
    for name in list_fields(pattern):
        if name not in allowed:
            yield _unknown(place, "slot", name)
        elif name in slots and slots[name].type in (SlotType.IMAGE, SlotType.ROWS):
            yield _wrong_type(place, name, slots[name].type)


_WHAT = {"slot": "差込", "flag": "フラグ", "style": "スタイル", "field": "列の項目"}


def _unknown(place: str, what: str, name: str) -> TemplateProblem:
    return TemplateProblem(
        place, f"unknown_{what}", f"{_WHAT[what]}「{name}」はありません", f"There is no {what} “{name}”"
    )


def _wrong_type(place: str, name: str, kind: SlotType) -> TemplateProblem:
    return TemplateProblem(
        place,
        "wrong_slot_type",
        f"差込「{name}」({kind})はここでは使えません",
        f"The slot “{name}” ({kind}) cannot be used here",
    )
