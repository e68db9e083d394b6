"""With which data a template is tried: its samples, the longest in the shop, or those of one shipment."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record_many
from core.auth.errors import RoleNeededError
from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from documents.catalogue import load_slots
from documents.templates import Kind
from fulfillment.models import Shipment
from fulfillment.printing.trying import Trial, combine, find_longest, load_trials
from fulfillment.queries import read_number
from warehouse_ui.designer.previewing import SAMPLES, Shown
from warehouse_ui.i18n import get_language, gettext

# A preview is drawn with every change; that its data were seen is on record once in so long.
_RECORD_EVERY: Final = timedelta(minutes=10)
_MOST_RECORDED: Final = 2000
_recorded: dict[tuple[UUID | None, UUID], datetime] = {}
_OF_WAVES: Final = (Kind.WAVE_COVER, Kind.PICKING_LIST)


class Data(StrEnum):
    SAMPLE = "sample"
    LONGEST = "longest"
    SHIPMENT = "shipment"


def find_shown(session: Session, access: Access, document: Mapping[str, Any], data: Data, number: str) -> Shown:
    """Return the values to show. Those of customers only to who may see shipments, and on record."""
    if data is Data.SAMPLE:
        return SAMPLES
    if not access.principal.has_role(access.shop_id, Role.OPERATOR):
        raise RoleNeededError([Role.OPERATOR])
    if document.get("kind") in _OF_WAVES:
        return Shown(notes=[gettext("この帳票は出荷ごとではないので、見本で見せています。")])
    language = "en" if document.get("language") == "en" else "ja"
    if data is Data.LONGEST:
        trials = load_trials(session, access.shop_id, find_longest(session, access.shop_id, language))
        if not trials:
            return Shown(notes=[gettext("店舗にまだ出荷がないので、見本で見せています。")])
        numbers = "、".join(trial.number for trial in trials)
        notes = [gettext("値はこれらの出荷から: %(numbers)s") % {"numbers": numbers}]
        return _show(session, access, document, trials, notes)
    trials = load_trials(session, access.shop_id, [_find_shipment(session, access.shop_id, number)])
    if not trials:
        return Shown(notes=[gettext("お客様の個人データは消去されています。見本で見せています。")])
    return _show(session, access, document, trials, [])


def _find_shipment(session: Session, shop_id: UUID, number: str) -> UUID:
    serial = read_number(number.strip())
    found = session.scalar(select(Shipment.id).where(Shipment.shop_id == shop_id, Shipment.serial == (serial or 0)))
    if found is None:
        raise InvalidInputError(gettext("その番号の出荷は見つかりません。"), field="shipment")
    return found


def _show(
    session: Session, access: Access, document: Mapping[str, Any], trials: list[Trial], notes: list[str]
) -> Shown:
    _record(session, access, trials)
    values = trials[0].values if len(trials) == 1 else combine(trials)
    flags = trials[0].flags if len(trials) == 1 else None
    declared: Mapping[str, Any] = document.get("slots") or {}
    # What a rule would have to write, and did not for this shipment, is shown as a sample, and said so.
    missing = [name for name, spec in declared.items() if values.get(name) is None]
    needed = [name for name in missing if (declared[name] or {}).get("required")]
    if needed:
        names = "、".join(_name_slot(name) for name in needed)
        notes = [*notes, gettext("値のない差込は見本で見せています: %(names)s") % {"names": names}]
    return Shown(values={**values, **{name: None for name in missing if name not in needed}}, flags=flags, notes=notes)


def _name_slot(name: str) -> str:
    label: Mapping[str, str] = load_slots().get(name, {}).get("label", {})
    return label.get(get_language(), name)


def _record(session: Session, access: Access, trials: list[Trial]) -> None:
    """Put on record that a person saw these shipments' data."""
    now, person = clock.now(), access.principal.id
    keys = [(person, trial.shipment_id) for trial in trials]
    fresh = [key for key in keys if key not in _recorded or now - _recorded[key] >= _RECORD_EVERY]
    if len(_recorded) > _MOST_RECORDED:
        _recorded.clear()
    subjects = [(shipment_id, {"for": "template_preview"}) for _, shipment_id in fresh]
    if subjects:
        record_many(session, "documents:preview:read", shop_id=access.shop_id, subjects=subjects)
    _recorded.update(dict.fromkeys(fresh, now))
