"""Actions of a rule as rows of a form, and back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from personalization.plan import ActionKind

LANGUAGES: Final = ("ja", "en")
# Which of a row's plain inputs belong to which kind of action.
PLAIN: Final[Mapping[str, tuple[str, ...]]] = {
    ActionKind.ENCLOSE: ("insert", "quantity"),
    ActionKind.TASK: ("insert",),
    ActionKind.LETTER: ("template",),
    ActionKind.SLIP: ("template",),
    ActionKind.MESSAGE: ("slot",),
    ActionKind.FLAG: ("flag",),
    ActionKind.TAG: ("tag",),
    ActionKind.PRIORITY: ("value",),
    ActionKind.HOLD: (),
}
WHOLE_NUMBERS: Final = frozenset({"quantity", "value"})
TEXT_OF: Final[Mapping[str, str]] = {ActionKind.MESSAGE: "text", ActionKind.HOLD: "reason"}


@dataclass(frozen=True)
class ActionRow:
    """`values` are texts of plain inputs; `texts` holds ja and en of message or reason; `slots` those of a letter."""

    do: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def show_action(action: Mapping[str, Any]) -> ActionRow:
    kind = str(action.get("do", ""))
    values = {name: str(action[name]) for name in PLAIN.get(kind, ()) if name in action}
    texts = action.get(TEXT_OF.get(kind, ""), {})
    slots = action.get("slots", {})
    return ActionRow(kind, values, texts if isinstance(texts, dict) else {}, slots if isinstance(slots, dict) else {})


def read_action(row: ActionRow) -> dict[str, Any]:
    """Return the action; empty inputs are left out, so that the check names what is missing."""
    action: dict[str, Any] = {"do": row.do}
    for name in PLAIN.get(row.do, ()):
        text = row.values.get(name, "").strip()
        if text and (name, text) != ("quantity", "1"):
            action[name] = _read_whole(text) if name in WHOLE_NUMBERS else text
    if row.do in TEXT_OF:
        action[TEXT_OF[row.do]] = {language: row.texts.get(language, "").strip() for language in LANGUAGES}
    if row.do in (ActionKind.LETTER, ActionKind.SLIP):
        filled = {
            slot: dict(texts) for slot, texts in row.slots.items() if any(text.strip() for text in texts.values())
        }
        if filled:
            action["slots"] = filled
    return action


def _read_whole(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return text
