"""Every state, kind and reason of the domain has a word; colour never stands alone."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import pytest

from core.auth.roles import Role
from core.tabular.models import UploadState
from crm_link.kinds import CareKind, ConsentState, Purpose, TouchpointKind
from fulfillment.bulk_events.kinds import Doubt, ListKind, RowState, Stage
from fulfillment.models import HoldReason
from fulfillment.packing.models import CopyState, PrintFileKind, UnitKind, WaveState
from fulfillment.packing.verification import ScanOutcome
from fulfillment.states import ParcelState, ShipmentState
from orders.kinds import LetterClass
from personalization.models import InsertKind, WhenOut
from warehouse_ui.words import GROUPS, find_word

ENUMS: dict[str, Iterable[StrEnum]] = {
    "shipment_state": ShipmentState,
    "parcel_state": ParcelState,
    "hold_reason": HoldReason,
    "wave_state": WaveState,
    "unit_kind": UnitKind,
    "copy_state": CopyState,
    "outcome": ScanOutcome,
    "touchpoint": TouchpointKind,
    "consent": ConsentState,
    "role": Role,
    "purpose": Purpose,
    "care": CareKind,
    "print_file": PrintFileKind,
    "upload_state": UploadState,
    "insert_kind": InsertKind,
    "letter_class": LetterClass,
    "when_out": WhenOut,
    "list_kind": ListKind,
    "row_state": RowState,
    "doubt": Doubt,
    "stage": Stage,
}
ICONS = (Path(__file__).parents[2] / "warehouse_ui" / "assets" / "icons.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("group", ENUMS)
def test_each_value_has_a_word(group: str) -> None:
    assert {value.value for value in ENUMS[group]} - GROUPS[group].keys() == set()


def test_each_word_has_an_icon_that_exists() -> None:
    icons = {word.icon for group in GROUPS.values() for word in group.values()}
    assert [icon for icon in icons if f'id="{icon}"' not in ICONS] == []


def test_a_value_without_word_is_shown_as_it_is() -> None:
    assert find_word("shipment_state", "quantum").text == "quantum"
