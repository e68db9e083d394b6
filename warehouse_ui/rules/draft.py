"""The draft of a shop's rules: what is being edited, by whom last, and what decides meanwhile. Nothing here saves."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.publishing import find_live_version, find_ruleset

EMPTY: Mapping[str, Any] = {"format": 1, "rules": []}


@dataclass(frozen=True)
class Draft:
    """`version` counts saved drafts: whoever saves says which one was seen. `live_number` is what decides now."""

    document: dict[str, Any]
    version: int
    live_number: int | None
    is_changed: bool
    saved_by: str | None = None
    saved_at: datetime | None = None

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
        saved_by=ruleset.draft_saved_by if ruleset else None,
        saved_at=ruleset.draft_saved_at if ruleset else None,
    )
