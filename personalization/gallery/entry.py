"""The shape of an entry: words, needs, and a rule in which {"choose": key} stands for a choice. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from personalization.models import InsertKind

Both = tuple[str, str]  # Japanese, English


class NeedKind(StrEnum):
    INSERT = "insert"
    TASK = "task"
    LETTER = "letter"
    SLIP = "slip"
    NUMBER = "number"
    MONEY = "money"
    CATEGORIES = "categories"
    SKUS = "skus"


# Kinds that name something of the shop; the others are a figure.
NAMING = frozenset({NeedKind.INSERT, NeedKind.TASK, NeedKind.LETTER, NeedKind.SLIP})
LISTING = frozenset({NeedKind.CATEGORIES, NeedKind.SKUS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One choice. Without an optional one the action that asks for it is left out. `insert_kinds`: which inserts fit;
    `template`: the key of the shipped template that suits.
    """

    key: str
    kind: NeedKind
    label: Both
    hint: Both = ("", "")
    optional: bool = False
    default: int | None = None
    low: int = 0
    high: int = 1_000_000
    insert_kinds: tuple[InsertKind, ...] = ()
    template: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`rule` has no key and name of its own: they come from the entry. `texts` fills the slots of the chosen letter."""

    key: str
    icon: str
    name: Both
    about: Both
    needs: tuple[Need, ...]
    rule: Mapping[str, Any]
    texts: Mapping[str, Both] = field(default_factory=dict)
    at_top: bool = False


def choose(key: str) -> dict[str, str]:
    """Return the mark that stands in a rule for a choice."""
    return {"choose": key}
