"""What differs between two documents of a template, in sentences (ja, en), each with its place. Pure.

Elements have no names of their own: they are matched by what they show and where they stand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from documents.catalogue import load_slots
from documents.checking import canonical_json
from documents.element_words import CHOICES, FIELDS, KINDS, TYPES, Words, find_words

Document = Mapping[str, Any]
_LETTER_CLASSES: Final[dict[str, Words]] = {
    "none": ("信書でない", "no correspondence"),
    "cover_note": ("添え状・送り状", "cover note"),
    "correspondence": ("信書", "correspondence"),
}
_PLACES: Final = ("x", "y", "width", "height", "size")
_LONGEST: Final = 40


@dataclass(frozen=True)
class Change:
    """`kind` is added, removed, moved or changed. `place` is in the new document, for what is gone in the old one."""

    kind: str
    place: str
    subject: Words
    ja: str
    en: str


def diff_templates(old: Document, new: Document) -> list[Change]:
    """Return what differs, in the order of the new document; broken documents are compared as far as they go."""
    if not old:
        return []
    return [
        *_diff_head(old, new),
        *_diff_named("styles", ("スタイル", "Style"), old, new),
        *_diff_named("slots", ("差込", "Slot"), old, new),
        *_diff_named("flags", ("フラグ", "Flag"), old, new),
        *_diff_elements("elements", _list(old.get("elements")), _list(new.get("elements"))),
        *_diff_flow(_map(old.get("flow")), _map(new.get("flow"))),
    ]


def _diff_head(old: Document, new: Document) -> Iterator[Change]:
    subject = ("全体", "The whole")
    plain = {"letter_class": ("信書の区分", "Letter class"), "kind": ("種類", "Kind"), "sealed": ("封かん", "Sealed")}
    for name, words in plain.items():
        if old.get(name) != new.get(name):
            yield _tell_value(name, subject, name, words, old.get(name), new.get(name))
    for language, words in (("ja", ("日本語の名前", "Japanese name")), ("en", ("英語の名前", "English name"))):
        before, after = _map(old.get("name")).get(language), _map(new.get("name")).get(language)
        if before != after:
            yield _tell_value(f"name.{language}", subject, language, words, before, after)
    yield from _diff_fields("page", ("用紙", "Page"), _flatten(_map(old.get("page"))), _flatten(_map(new.get("page"))))


def _flatten(page: Document) -> dict[str, Any]:
    plain = {name: value for name, value in page.items() if name != "margins"}
    return plain | {f"margins.{side}": value for side, value in _map(page.get("margins")).items()}


def _diff_named(section: str, what: Words, old: Document, new: Document) -> Iterator[Change]:
    before, after = _map(old.get(section)), _map(new.get(section))
    for name in dict.fromkeys([*after, *before]):
        place, subject = f"{section}.{name}", _name_entry(section, what, name)
        if name not in before:
            yield Change("added", place, subject, f"{subject[0]}を加えた", f"{subject[1]} was added")
        elif name not in after:
            yield Change("removed", place, subject, f"{subject[0]}を消した", f"{subject[1]} was removed")
        elif before[name] != after[name]:
            yield from _diff_fields(place, subject, _map(before[name]), _map(after[name]))


def _name_entry(section: str, what: Words, name: str) -> Words:
    label = load_slots().get(name, {}).get("label") if section == "slots" else None
    ja, en = (label["ja"], label["en"]) if label else (name, name)
    return f"{what[0]}「{ja}」", f"{what[1]} “{en}”"


def _diff_flow(old: Document, new: Document) -> Iterator[Change]:
    for frame, words in (
        ("first", ("最初のページの本文の範囲", "Flow on the first page")),
        ("later", ("2ページ目からの本文の範囲", "Flow on later pages")),
    ):
        yield from _diff_fields(f"flow.{frame}", words, _map(old.get(frame)), _map(new.get(frame)))
    yield from _diff_elements("flow.elements", _list(old.get("elements")), _list(new.get("elements")))


def _diff_elements(where: str, old: Sequence[Document], new: Sequence[Document]) -> Iterator[Change]:
    pairs = _match(old, new)
    taken = {before for before, _ in pairs.values()}
    order = [before for before, _ in (pairs[at] for at in sorted(pairs))]
    for number, element in enumerate(new):
        place, subject = f"{where}[{number}]", name_element(element)
        if number not in pairs:
            yield Change("added", place, subject, f"{subject[0]}を加えた", f"{subject[1]} was added")
            continue
        before, _ = pairs[number]
        yield from _diff_element(place, old[before], element)
    for number, element in enumerate(old):
        if number not in taken:
            subject = name_element(element)
            gone = f"{where}[{number}]"
            yield Change("removed", gone, subject, f"{subject[0]}を消した", f"{subject[1]} was removed")
    if order != sorted(order):
        subject = ("要素の順番", "The order of elements")
        yield Change("moved", where, subject, "要素の重なりや順番を変えた", "The order of elements was changed")


def _diff_element(place: str, old: Document, new: Document) -> Iterator[Change]:
    subject = name_element(new)
    if any(old.get(name, 0) != new.get(name, 0) for name in ("x", "y")):
        yield _tell_move(place, subject, old, new)
    fields = {name for name in (*old, *new) if name not in ("x", "y", "elements", "columns", "type")}
    yield from _diff_fields(
        place,
        subject,
        {name: value for name, value in old.items() if name in fields},
        {name: value for name, value in new.items() if name in fields},
    )
    if old.get("columns") != new.get("columns"):
        yield _tell_columns(place, subject, old.get("columns"), new.get("columns"))
    if "elements" in old or "elements" in new:
        yield from _diff_elements(f"{place}.elements", _list(old.get("elements")), _list(new.get("elements")))


def _tell_columns(place: str, subject: Words, old: object, new: object) -> Change:
    if isinstance(old, list) and isinstance(new, list) and len(old) != len(new):
        return Change(
            "changed",
            f"{place}.columns",
            subject,
            f"{subject[0]}の列: {len(old)}列 → {len(new)}列",
            f"{subject[1]}, columns: {len(old)} → {len(new)}",
        )
    return Change("changed", f"{place}.columns", subject, f"{subject[0]}の列を変えた", f"{subject[1]}: columns changed")


def _tell_move(place: str, subject: Words, old: Document, new: Document) -> Change:
    right, down = (_number(new.get(name)) - _number(old.get(name)) for name in ("x", "y"))
    ja, en = [], []
    if right:
        ja.append(f"{'右' if right > 0 else '左'}へ{abs(right):g}mm")
        en.append(f"{abs(right):g} mm to the {'right' if right > 0 else 'left'}")
    if down:
        ja.append(f"{'下' if down > 0 else '上'}へ{abs(down):g}mm")
        en.append(f"{abs(down):g} mm {'down' if down > 0 else 'up'}")
    return Change(
        "moved", place, subject, f"{subject[0]}を{'、'.join(ja)}動かした", f"{subject[1]} was moved {' and '.join(en)}"
    )


def _diff_fields(place: str, subject: Words, old: Document, new: Document) -> Iterator[Change]:
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            last = name.rpartition(".")[2]
            field = find_words(FIELDS, last)
            if name.startswith("margins."):
                field = f"余白({field[0]})", f"margin, {field[1]}"
            key = "points" if place.startswith("styles.") and last == "size" else last
            yield _tell_value(f"{place}.{name}", subject, key, field, old.get(name), new.get(name))


def _tell_value(place: str, subject: Words, name: str, field: Words, old: object, new: object) -> Change:
    before, after = _show(name, old), _show(name, new)
    return Change(
        "changed",
        place,
        subject,
        f"{subject[0]}の{field[0]}: {before[0]} → {after[0]}",
        f"{subject[1]}, {field[1].lower()}: {before[1]} → {after[1]}",
    )


def _show(name: str, value: object) -> Words:
    if value is None:
        return "なし", "none"
    if isinstance(value, bool):
        return ("はい", "yes") if value else ("いいえ", "no")
    if isinstance(value, int | float):
        unit = " mm" if name in (*_PLACES, "top", "bottom", "left", "right", "radius", "padding", "gutter") else ""
        unit = " pt" if name == "points" else unit
        return f"{value:g}{unit.strip()}", f"{value:g}{unit}"
    if isinstance(value, str):
        table = {"letter_class": _LETTER_CLASSES, "kind": KINDS}.get(name, CHOICES)
        if value in table:
            return table[value]
        text = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        return (f"「{text}」", f"“{text}”") if name in ("text", "ja", "en") else (text, text)
    text = canonical_json(value) if isinstance(value, Mapping) else str(value)
    return text[:_LONGEST], text[:_LONGEST]


def name_element(element: Document) -> Words:
    """Return what an element is called: its kind, and what it shows."""
    ja, en = find_words(TYPES, str(element.get("type", "")))
    shown = str(element.get("text") or element.get("slot") or element.get("picture") or "")
    if element.get("type") == "group":
        inner = [name_element(child) for child in _list(element.get("elements"))[:1]]
        return (f"{ja}({inner[0][0]} ほか)", f"{en} ({inner[0][1]} …)") if inner else (ja, en)
    if not shown:
        return ja, en
    return f"{ja}「{_with_labels(shown, 'ja')}」", f"{en} “{_with_labels(shown, 'en')}”"


def _with_labels(text: str, language: str) -> str:
    for name, entry in load_slots().items():
        label = f"〔{entry['label'][language]}〕" if language == "ja" else f"[{entry['label'][language]}]"
        text = label if text == name else text.replace("{" + name + "}", label)
    text = text.strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _match(old: Sequence[Document], new: Sequence[Document]) -> dict[int, tuple[int, float]]:
    """Return new number → old number and likeness: equal ones first, then those that resemble each other most."""
    one, other = [canonical_json(each) for each in old], [canonical_json(each) for each in new]
    pairs: dict[int, tuple[int, float]] = {}
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        pairs |= {block.b + step: (block.a + step, 1.0) for step in range(block.size)}
    free = set(range(len(old))) - {before for before, _ in pairs.values()}
    ranked = sorted(
        (
            (_liken(old[before], new[after]) - abs(before - after) * 0.001, before, after)
            for after in range(len(new))
            if after not in pairs
            for before in free
        ),
        reverse=True,
    )
    for likeness, before, after in ranked:
        if likeness > 0.3 and before in free and after not in pairs:
            pairs[after] = (before, likeness)
            free.discard(before)
    return pairs


def _liken(old: Document, new: Document) -> float:
    if old.get("type") != new.get("type"):
        return 0.0
    keys = {*old, *new} - {"type"}
    same = sum(canonical_json({"": old.get(key)}) == canonical_json({"": new.get(key)}) for key in keys)
    near = max(
        0.0,
        1
        - (abs(_number(old.get("x")) - _number(new.get("x"))) + abs(_number(old.get("y")) - _number(new.get("y"))))
        / 60,
    )
    shows = any(old.get(name) and old.get(name) == new.get(name) for name in ("text", "slot", "picture"))
    return 0.35 * same / max(len(keys), 1) + 0.35 * near + 0.3 * shows


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _map(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Document]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []
