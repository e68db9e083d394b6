"""A waiting row beside the members it may be: field by field, and whether the two say the same. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from crm_link.normalisation import (
    fold_text,
    normalise_address,
    normalise_email,
    normalise_kana,
    normalise_name,
    normalise_phone,
    normalise_postal_code,
)
from fulfillment.bulk_events.questions import Candidate, Question
from warehouse_ui.i18n import mark

Told = Mapping[str, str | None]
_PLACE: Final = ("region", "address1", "address2")


@dataclass(frozen=True)
class Cell:
    """What a member's card says. `same`: as the row does, otherwise, or (None) one of the two says nothing."""

    text: str
    same: bool | None


@dataclass(frozen=True)
class Line:
    """One field: its label, what the row says, what each candidate's card says."""

    label: str
    said: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class _Field:
    label: str
    read: Callable[[Told], str]
    key: Callable[[str, str], str | None]


def _plain(name: str) -> Callable[[Told], str]:
    return lambda told: told.get(name) or ""


def _join_address(told: Told) -> str:
    return " ".join(part for name in _PLACE if (part := told.get(name)))


_FIELDS: Final = (
    _Field(mark("氏名"), _plain("name"), lambda text, _: normalise_name(text)),
    _Field(mark("フリガナ"), _plain("kana"), lambda text, _: normalise_kana(text)),
    _Field(mark("会社名"), _plain("company"), lambda text, _: normalise_name(text)),
    _Field(mark("郵便番号"), _plain("postal_code"), normalise_postal_code),
    _Field(mark("住所"), _join_address, lambda text, _: normalise_address(text)),
    _Field(mark("メールアドレス"), _plain("email"), lambda text, _: normalise_email(text)),
    _Field(mark("電話番号"), _plain("phone"), normalise_phone),
    _Field(mark("会員番号"), _plain("member_id"), lambda text, _: fold_text(text).casefold()),
    _Field(mark("チケット番号"), _plain("ticket"), lambda text, _: fold_text(text)),
)


def compare(question: Question, country: str, numbers: Mapping[UUID, str]) -> list[Line]:
    """Return the fields of which the row or a candidate says something; `numbers` are the candidates' member numbers.
    Spelling, spaces and hyphens do not count.
    """
    cards = [_read_card(each, numbers) for each in question.candidates]
    lines = [_make_line(field, question.said, cards, country) for field in _FIELDS]
    return [line for line in lines if line.said or any(cell.text for cell in line.cells)]


def _read_card(candidate: Candidate, numbers: Mapping[UUID, str]) -> Told:
    face = candidate.face
    return {**face.address, "name": face.name, "kana": face.kana, "member_id": numbers.get(candidate.customer_id)}


def _make_line(field: _Field, said: Told, cards: list[Told], country: str) -> Line:
    text = field.read(said)
    key = field.key(text, country)
    cells = [Cell(there, _is_same(key, field.key(there, country))) for there in map(field.read, cards)]
    return Line(field.label, text, tuple(cells))


def _is_same(one: str | None, other: str | None) -> bool | None:
    return one == other if one and other else None
