"""One history of a shipment: what people and the program did, and what was scanned, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.audit.models import AuditEntry
from fulfillment.packing.models import Scan
from warehouse_ui.audit_words import find_tag
from warehouse_ui.word import Word
from warehouse_ui.words import find_word

# Who looked is in the audit view; here it would bury what happened.
_LEFT_OUT: Final = ("fulfillment:shipment:read",)


@dataclass(frozen=True)
class Moment:
    at: datetime
    word: Word
    who: str | None
    detail: str | None


def tell_history(
    entries: Sequence[AuditEntry], scans: Sequence[Scan], unit_names: dict[UUID, str], people: dict[UUID, str]
) -> list[Moment]:
    moments = [_of_entry(entry, people) for entry in entries if entry.tag not in _LEFT_OUT]
    moments += [_of_scan(scan, unit_names, people) for scan in scans]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _of_entry(entry: AuditEntry, people: dict[UUID, str]) -> Moment:
    return Moment(entry.at, find_tag(entry.tag), people.get(entry.actor_id) if entry.actor_id else None, None)


def _of_scan(scan: Scan, unit_names: dict[UUID, str], people: dict[UUID, str]) -> Moment:
    who = people.get(scan.actor_id) if scan.actor_id else None
    name = unit_names.get(scan.unit_id) if scan.unit_id else None
    parts = [part for part in (name, scan.reason) if part]
    return Moment(scan.scanned_at, find_word("outcome", scan.outcome), who, " · ".join(parts) or None)
