"""Where an event stands: its sessions, its files, what is on its way. Read once for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.tabular.models import Upload, UploadState
from core.tabular.service import list_uploads
from core.tenancy import get_shop
from fulfillment.bulk_events.importers import SESSIONS
from fulfillment.bulk_events.kinds import RowState, Stage
from fulfillment.bulk_events.ledger import ListEntry, SessionEntry, list_lists, list_sessions
from fulfillment.bulk_events.models import BulkEvent
from fulfillment.bulk_events.releasing import find_releasing

SHOWN_FILES: Final = 200
# In this order they stand in a row of the table, from the first step to the last.
STAGES: Final = tuple(stage for stage in Stage if stage not in (Stage.CANCELLED, Stage.WITHDRAWN))


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`releasing` are the sessions whose orders are being made now; `today` is the shop's day."""

    event: BulkEvent
    sessions: Sequence[SessionEntry]
    lists: Sequence[ListEntry]
    session_files: Sequence[Upload]
    releasing: frozenset[UUID]
    today: date

    @property
    def waiting(self) -> int:
        """How many rows wait for a person's answer."""
        return sum(entry.rows[RowState.WAITING] for entry in self.sessions)

    @property
    def open_lists(self) -> list[ListEntry]:
        return [entry for entry in self.lists if entry.is_open]

    @property
    def reading(self) -> list[str]:
        """The names of the files that are being taken in."""
        running = [each.file_name for each in self.session_files if each.state is UploadState.RUNNING]
        return running + [each.file_name for each in self.lists if each.state is UploadState.RUNNING]

    @property
    def may_ship(self) -> bool:
        """Whether parcels may leave today, as far as the event says."""
        return self.event.ship_not_before is None or self.event.ship_not_before <= self.today

    @property
    def is_moving(self) -> bool:
        """Whether the page would show something else in a moment, without anybody doing anything."""
        return bool(self.reading or self.releasing or self.count(Stage.ORDERED))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The columns of the table: cancelled parcels only where there are some, for somebody must look at them."""
        return (*STAGES, Stage.CANCELLED) if self.count(Stage.CANCELLED) else STAGES

    def count(self, stage: Stage) -> int:
        return sum(entry.stages[stage] for entry in self.sessions)

    def may_release(self, entry: SessionEntry) -> bool:
        """Whether nothing of this session is unexplained, and somebody waits for a parcel."""
        is_clear = not entry.rows[RowState.WAITING] and not self.open_lists
        return is_clear and bool(entry.stages[Stage.ENTITLED]) and entry.session.id not in self.releasing

    def may_gather(self, entry: SessionEntry) -> bool:
        return self.may_ship and bool(entry.stages[Stage.PLANNED])

    def list_releasable(self) -> list[SessionEntry]:
        return [entry for entry in self.sessions if self.may_release(entry)]


def read_standing(session: Session, shop_id: UUID, event: BulkEvent) -> Standing:
    sessions = list_sessions(session, shop_id, event.id)
    files = list_uploads(session, shop_id, importer=SESSIONS, limit=SHOWN_FILES)
    return Standing(
        event=event,
        sessions=sessions,
        lists=list_lists(session, shop_id, event),
        session_files=[each for each in files if each.options.get("event") == event.key],
        releasing=find_releasing(session, shop_id) & {entry.session.id for entry in sessions},
        today=clock.now().astimezone(get_shop(session, shop_id).zone).date(),
    )
