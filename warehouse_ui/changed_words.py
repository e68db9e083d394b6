"""What changed after a parcel was printed, in sentences: letter, slip, things, marks and holds by their names."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fulfillment.interrupting import mark_differences
from fulfillment.models import HoldReason, ShipmentHold
from personalization.conditions.explanation import ValueKind, Words
from personalization.publishing import find_live_id, read_version
from personalization.versions.names import Names, load_names
from warehouse_ui.i18n import get_language, gettext


@dataclass(frozen=True)
class ChangeNames:
    """What people call things and rules, by key."""

    things: Names
    rules: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Asked:
    """What differs, in sentences; `mark` goes back with the answer to it."""

    sentences: list[str]
    mark: str


def load_differences(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> dict[UUID, Asked]:
    """Return, for each of these shipments that is stopped for a change after printing, what differs."""
    holds = session.scalars(
        select(ShipmentHold).where(
            ShipmentHold.shop_id == shop_id,
            ShipmentHold.shipment_id.in_(shipment_ids),
            ShipmentHold.reason == HoldReason.CHANGED_AFTER_PRINT,
            ShipmentHold.released_at.is_(None),
        )
    ).all()
    names = _load_names(session, shop_id) if holds else ChangeNames(Names(), {})
    return {
        hold.shipment_id: Asked(
            tell_differences(hold.details.get("differences") or [], names), mark_differences(hold.details)
        )
        for hold in holds
    }


def _load_names(session: Session, shop_id: UUID) -> ChangeNames:
    live = find_live_id(session, shop_id)
    if live is None:
        return ChangeNames(Names(), {})
    document, catalogue = read_version(session, live)
    return ChangeNames(load_names(session, shop_id, catalogue), {rule.key: rule.name for rule in document.rules})


def tell_differences(differences: Sequence[Mapping[str, Any]], names: ChangeNames) -> list[str]:
    return [_tell(difference, names) for difference in differences]


def _tell(difference: Mapping[str, Any], names: ChangeNames) -> str:
    what, before, now = difference["what"], difference.get("before"), difference.get("now")
    if what in ("letter", "slip"):
        return _tell_choice(what, before, now, names)
    if what == "insert":
        name = _say(names.things.inserts, difference["insert"])
        shown = {"name": name, "before": before or 0, "now": now or 0}
        return gettext("「%(name)s」: 印刷は%(before)s点、今なら%(now)s点") % shown
    if what == "hold":
        return gettext("今なら「%(rule)s」で保留になる") % {"rule": _say_rule(names, now)}
    shown = {"name": _name_effect(what, str(difference.get("of") or ""), names.things)}
    sentences = {
        "flag": (gettext("印「%(name)s」: 今なら付く"), gettext("印「%(name)s」: 今なら付かない")),
        "message": (gettext("文面「%(name)s」: 今なら変わる"), gettext("文面「%(name)s」: 今なら入らない")),
        "recommend": (gettext("おすすめ「%(name)s」: 今なら変わる"), gettext("おすすめ「%(name)s」: 今なら入らない")),
        "coupon": (gettext("クーポン「%(name)s」: 今なら入る"), gettext("クーポン「%(name)s」: 今なら入らない")),
    }
    return sentences[what][0 if now else 1] % shown


def _name_effect(what: str, key: str, names: Names) -> str:
    if what in ("message", "recommend"):
        return _say(names.slots, key) if key else ""
    kind = ValueKind.FLAG if what == "flag" else ValueKind.SERIES
    return _pick(names.say(kind, key))


def _tell_choice(what: str, before: Any, now: Any, names: ChangeNames) -> str:
    """A letter is called by its template; where that is the same, by the rule that chose it."""
    kind = gettext("お手紙") if what == "letter" else gettext("納品書")
    same = before and now and before["template"] == now["template"]
    first, second = (_say_choice(each, names, by_rule=bool(same)) for each in (before, now))
    return gettext("%(kind)s: 印刷は「%(before)s」、今なら「%(now)s」") % {"kind": kind, "before": first, "now": second}


def _say_choice(choice: Any, names: ChangeNames, *, by_rule: bool) -> str:
    if not choice:
        return gettext("なし")
    name = _say(names.things.templates, choice["template"])
    return f"{name} — {_say_rule(names, choice['rule'])}" if by_rule else name


def _say(words: Mapping[str, Words], key: str | None) -> str:
    found = words.get(key or "")
    if found is None:
        return key or "—"
    return _pick(found)


def _pick(words: Words) -> str:
    return words.ja if get_language() == "ja" else words.en


def _say_rule(names: ChangeNames, key: str | None) -> str:
    return names.rules.get(key or "", {}).get(get_language()) or key or "—"
