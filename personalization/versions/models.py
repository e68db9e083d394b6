"""The table of releases: documents on their way to be published."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, enum_column


class ReleaseState(StrEnum):
    WAITING = "waiting"  # for a second person
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SENT_BACK = "sent_back"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # broken when its moment came
    OVERTAKEN = "overtaken"  # other rules became live: publishing it would undo them


class RulesetRelease(Keyed, ShopOwned, Base):
    """A document as it was submitted, never changed since: `digest` proves it.

    It is meant to follow the live version `base_number`, or the release `base_release_id` that is scheduled before it.
    """

    __tablename__ = "ruleset_releases"
    __table_args__ = (
        Index(None, "shop_id", "submitted_at"),
        Index("ix_ruleset_releases_due", "publish_at", postgresql_where=text("state = 'scheduled'")),
        Index("ix_ruleset_releases_open", "shop_id", postgresql_where=text("closed_at IS NULL")),
    )

    ruleset_id: Mapped[UUID] = mapped_column(ForeignKey("rulesets.id"))
    state: Mapped[ReleaseState] = mapped_column(enum_column(ReleaseState))
    document: Mapped[dict[str, Any]]
    digest: Mapped[bytes]  # SHA-256 of the canonical document
    note: Mapped[str]
    approval_required: Mapped[bool]
    publish_at: Mapped[datetime | None]  # None: as soon as it is approved
    base_number: Mapped[int | None]
    base_release_id: Mapped[UUID | None] = mapped_column(ForeignKey("ruleset_releases.id"))
    submitted_by: Mapped[str]
    submitted_by_id: Mapped[UUID | None]
    submitted_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]  # what the second person wrote
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("ruleset_versions.id"))
    problems: Mapped[list[Any] | None]  # why it was refused: place, code, ja, en
    # Empty while it asks for somebody's attention: also when it was refused or overtaken, until a person has seen it.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
