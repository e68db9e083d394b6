"""The draft of a shop's rules: what is being edited, and how single rules in it are changed. Nothing here saves."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.errors import ConflictError, NotFoundError
from personalization.publishing import find_live_version, find_ruleset

EMPTY: Mapping[str, Any] = {"format": 1, "rules": []}


@dataclass(frozen=True)
class Draft:
    """`version` counts saved drafts: whoever saves says which one was seen. `live_number` is what decides now."""

    document: dict[str, Any]
    version: int
    live_number: int | None
    is_changed: bool

    def set_box(self, box: Mapping[str, int]) -> None:
        """Say how much all inserts of one parcel together may take up; nothing said: no limit."""
        self.document.pop("box", None)
        if box:
            self.document["box"] = dict(box)

    @property
    def rules(self) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = self.document.get("rules", [])
        return rules


def load_draft(session: Session, shop_id: UUID) -> Draft:
    """Return the draft, or what is live when nothing was edited since."""
    ruleset, live = find_ruleset(session, shop_id), find_live_version(session, shop_id)
    published = live.document if live else dict(EMPTY)
    draft = ruleset.draft if ruleset is not None else None
    return Draft(
        document=deepcopy(draft if draft is not None else published),
        version=ruleset.draft_version if ruleset else 0,
        live_number=live.number if live else None,
        is_changed=draft is not None and draft != published,
    )


def find_place(draft: Draft, key: str) -> int:
    for place, rule in enumerate(draft.rules):
        if rule.get("key") == key:
            return place
    raise NotFoundError("There is no such rule in the draft.", key=key)


def put_rule(draft: Draft, original_key: str, rule: dict[str, Any]) -> int:
    """Replace the rule that had this key, or add one at the end; returns its place."""
    taken = [place for place, each in enumerate(draft.rules) if each.get("key") == rule["key"]]
    place = find_place(draft, original_key) if original_key else len(draft.rules)
    if any(other != place for other in taken):
        raise ConflictError(f"There is already a rule {rule['key']}.", key=rule["key"])
    draft.rules[place : place + 1] = [rule]
    return place


def move_rule(draft: Draft, key: str, steps: int) -> None:
    """Move a rule up (negative) or down; a rule at the end stays there."""
    place = find_place(draft, key)
    rule = draft.rules.pop(place)
    draft.rules.insert(max(0, place + steps), rule)


def toggle_rule(draft: Draft, key: str) -> None:
    rule = draft.rules[find_place(draft, key)]
    rule["enabled"] = not rule.get("enabled", True)
    if rule["enabled"]:
        del rule["enabled"]


def remove_rule(draft: Draft, key: str) -> None:
    del draft.rules[find_place(draft, key)]
