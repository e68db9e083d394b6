"""What happened in personalization; upper packages subscribe in `app/wiring.py`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ShipmentsDisplaced:
    """Older orders took scarce things that these shipments had been promised: decide them again.

    What they lost is returned already, so limits and stock are never exceeded meanwhile.
    """

    shop_id: UUID
    shipment_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ExperimentChanged:
    """An experiment was started or ended: what its rules do for whom is different from now on."""

    shop_id: UUID
    experiment_id: UUID


@dataclass(frozen=True, slots=True)
class RulesetPublished:
    """Decisions taken from now on follow this version."""

    shop_id: UUID
    version_id: UUID
    number: int
