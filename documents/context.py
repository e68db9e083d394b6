"""What an element sees while it is drawn: styles, values, flags, its copy's code, the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from documents.formatting import fill_pattern, list_fields
from documents.templates import AnyElement
from documents.typesetting import TypeStyle


@dataclass(frozen=True)
class Context:
    styles: Mapping[str, TypeStyle]
    values: Mapping[str, Any]
    flags: frozenset[str]
    language: str
    url: str

    def shows(self, element: AnyElement) -> bool:
        """Say whether the element's slot is present and its flag is set, where it names them."""
        return (element.show_if_slot is None or element.show_if_slot in self.values) and (
            element.show_if_flag is None or element.show_if_flag in self.flags
        )

    def fill(self, pattern: str) -> str | None:
        return fill_pattern(pattern, self.values, self.language)

    def blame(self, pattern: str, character: str = "") -> str:
        """Return the slot of a pattern that holds the character (or the first, or the pattern when it has none)."""
        names = list_fields(pattern)
        for name in names:
            if character and character in str(self.fill(f"{{{name}}}")):
                return name
        return names[0] if names else pattern
