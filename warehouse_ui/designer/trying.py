"""With which data a template is tried: its samples, the longest in the shop, or those of one shipment."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from warehouse_ui.designer.previewing import SAMPLES, Shown


class Data(StrEnum):
    SAMPLE = "sample"
    LONGEST = "longest"
    SHIPMENT = "shipment"


def find_shown(session: Session, shop_id: UUID, document: Mapping[str, Any], data: Data, number: str) -> Shown:
    return SAMPLES
