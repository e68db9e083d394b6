"""What a shop chose for its codes: where they lead, under which names, for how long. The operator's to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import ConflictError
from core.settings import get_settings
from fulfillment.landing.addresses import Campaign, LandingError, check_address, check_name
from fulfillment.landing.models import LandingChoice, LandingTarget

LONGEST_DAYS: Final = 3650


class ChoiceOvertakenError(ConflictError):
    """Somebody else saved meanwhile."""

    code = "landing_choice_overtaken"


@dataclass(frozen=True, slots=True)
class Target:
    """What one template has of its own; empty: as for the whole shop."""

    address: str = ""
    campaign: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """`address` empty: the visitor is shown the shop's name and general link. `targets` by template key."""

    address: str = ""
    source: str = "parcel"
    medium: str = "qr"
    campaign: str = "{template}"
    content: str = ""
    expires_after_days: int | None = 365
    granted_only: bool = False
    version: int = 0
    targets: Mapping[str, Target] = field(default_factory=dict)

    def address_of(self, template_key: str) -> str:
        return self.targets.get(template_key, Target()).address or self.address

    def campaign_of(self, template_key: str) -> Campaign:
        own = self.targets.get(template_key, Target())
        return Campaign(self.source, self.medium, own.campaign or self.campaign, own.content or self.content)


def load_choice(session: Session, shop_id: UUID) -> Choice:
    """Return what the shop chose, or what holds until it chooses."""
    row = session.get(LandingChoice, shop_id)
    if row is None:
        return Choice()
    found = session.scalars(select(LandingTarget).where(LandingTarget.shop_id == shop_id))
    targets = {each.template_key: Target(each.address or "", each.campaign or "", each.content or "") for each in found}
    return Choice(
        address=row.address or "",
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        content=row.content,
        expires_after_days=row.expires_after_days,
        granted_only=row.granted_only,
        version=row.version,
        targets=targets,
    )


def check_choice(choice: Choice) -> Choice:
    """Return the choice with its addresses as browsers take them; raises LandingError naming the field.

    Fields of a template are named `<template>:address` and so on.
    """
    days = choice.expires_after_days
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise LandingError("expires_after_days", "out_of_range", limit=LONGEST_DAYS)
    own = urlsplit(get_settings().base_url).hostname
    names: dict[str, Any] = {
        name: check_name(name, getattr(choice, name)) for name in ("source", "medium", "campaign", "content")
    }
    targets = {key: _check_target(key, target, own) for key, target in choice.targets.items() if target != Target()}
    address = check_address("address", choice.address, own_host=own) if choice.address else ""
    return Choice(address=address, expires_after_days=days, granted_only=choice.granted_only, targets=targets, **names)


def _check_target(key: str, target: Target, own: str | None) -> Target:
    return Target(
        check_address(f"{key}:address", target.address, own_host=own) if target.address else "",
        check_name(f"{key}:campaign", target.campaign),
        check_name(f"{key}:content", target.content),
    )


def save_choice(session: Session, shop_id: UUID, choice: Choice, *, seen_version: int) -> int:
    """Check and keep the choice; return its version. Raises ChoiceOvertakenError when `seen_version` is no longer the
    one that stands.
    """
    checked = check_choice(choice)
    values = {
        "address": checked.address or None,
        "source": checked.source,
        "medium": checked.medium,
        "campaign": checked.campaign,
        "content": checked.content,
        "expires_after_days": checked.expires_after_days,
        "granted_only": checked.granted_only,
        "updated_at": clock.now(),
    }
    saved = _write(session, shop_id, values, seen_version)
    if saved is None:
        raise ChoiceOvertakenError("Somebody else changed this meanwhile.")
    session.execute(delete(LandingTarget).where(LandingTarget.shop_id == shop_id))
    rows = [
        {
            "shop_id": shop_id,
            "template_key": key,
            "address": target.address or None,
            "campaign": target.campaign or None,
            "content": target.content or None,
        }
        for key, target in sorted(checked.targets.items())
    ]
    if rows:
        session.execute(insert(LandingTarget), rows)
    hosts = sorted({urlsplit(each).hostname or "" for each in _list_addresses(checked)})
    details = {"version": saved, "hosts": hosts, "days": checked.expires_after_days, "granted": checked.granted_only}
    record(session, "fulfillment:landing:set", shop_id=shop_id, details=details)
    return saved


def _list_addresses(choice: Choice) -> list[str]:
    return [each for each in (choice.address, *(t.address for t in choice.targets.values())) if each]


def _write(session: Session, shop_id: UUID, values: Mapping[str, Any], seen_version: int) -> int | None:
    """Return the new version; none: somebody else was first. Their row is locked for the targets that follow."""
    if seen_version == 0:
        first = upsert(LandingChoice).values(shop_id=shop_id, version=1, **values).on_conflict_do_nothing()
        return session.scalar(first.returning(LandingChoice.version))
    return session.scalar(
        update(LandingChoice)
        .where(LandingChoice.shop_id == shop_id, LandingChoice.version == seen_version)
        .values(version=seen_version + 1, **values)
        .returning(LandingChoice.version)
        .execution_options(synchronize_session=False)
    )
