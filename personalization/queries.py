"""Named reads of decisions."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import ErasedError
from core.sealing import decrypt, load_ciphers, unseal
from personalization.errors import DecisionNotFoundError
from personalization.insert_info import InsertInfo
from personalization.models import Allotment, Decision, InsertSnapshot, RulesetVersion
from personalization.plan import Plan
from personalization.publishing import parse_version
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.ruleset import RulesetDocument
from personalization.storage import Dossier, load_inserts, unpack_dossier


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision with what it was taken from and by which rules."""

    decision: Decision
    dossier: Dossier
    rulebook: Rulebook
    version: RulesetVersion | None


def find_decision(session: Session, shop_id: UUID, shipment_id: UUID) -> Decision | None:
    """Return the current decision of a shipment."""
    return session.scalar(
        select(Decision).where(
            Decision.shop_id == shop_id, Decision.shipment_id == shipment_id, Decision.superseded_at.is_(None)
        )
    )


def get_decision(session: Session, shop_id: UUID, shipment_id: UUID) -> Decision:
    """Return the current decision of a shipment; raises DecisionNotFoundError."""
    decision = find_decision(session, shop_id, shipment_id)
    if decision is None:
        raise DecisionNotFoundError(shipment_id)
    return decision


def list_decisions(session: Session, shop_id: UUID, shipment_id: UUID) -> list[Decision]:
    """Return every decision of a shipment, the newest first."""
    statement = select(Decision).where(Decision.shop_id == shop_id, Decision.shipment_id == shipment_id)
    return list(session.scalars(statement.order_by(Decision.decided_at.desc(), Decision.id.desc())))


def list_allotments(session: Session, shop_id: UUID, shipment_ids: Collection[UUID]) -> list[Allotment]:
    """Return what these shipments were promised or hold, returned ones included, in the order of promising."""
    statement = select(Allotment).where(Allotment.shop_id == shop_id, Allotment.shipment_id.in_(shipment_ids))
    return list(session.scalars(statement.order_by(Allotment.id)))


def open_decision(session: Session, decision: Decision) -> StoredDecision:
    """Unseal a decision. Raises ErasedError when its customer was erased."""
    if decision.sealed is None or decision.key_id is None:
        raise ErasedError
    dossier = unpack_dossier(unseal(session, decision.key_id, decision.sealed))
    inserts = _load_snapshot(session, decision)
    if decision.version_id is None:
        return StoredDecision(decision, dossier, Rulebook(RulesetDocument(), Catalogue(), inserts, dossier.law), None)
    version = session.get_one(RulesetVersion, decision.version_id)
    return StoredDecision(decision, dossier, Rulebook(*parse_version(version), inserts, dossier.law), version)


def read_plans(session: Session, decisions: Collection[Decision]) -> dict[UUID, Plan]:
    """Return shipment → plan of these decisions; those whose customer was erased are left out."""
    sealed = [(each.shipment_id, each.key_id, each.sealed) for each in decisions]
    ciphers = load_ciphers(session, [key_id for _, key_id, _ in sealed if key_id is not None])
    return {
        shipment_id: unpack_dossier(decrypt(ciphers[key_id], content)).plan
        for shipment_id, key_id, content in sealed
        if key_id in ciphers and content is not None
    }


def _load_snapshot(session: Session, decision: Decision) -> dict[str, InsertInfo]:
    key = (decision.shop_id, decision.inserts_digest)
    return load_inserts(session.get_one(InsertSnapshot, key).content)
