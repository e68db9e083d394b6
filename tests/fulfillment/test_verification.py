"""The corpus of cases that the server and the bench's TypeScript share."""

import json
from pathlib import Path
from typing import Any

import pytest

from fulfillment.packing.reading import read_keys
from fulfillment.packing.verification import ExpectedParcel, ExpectedUnit, Item, ScanRequest, Standing, World, judge

CORPUS = json.loads((Path(__file__).parent / "verification_cases.json").read_text(encoding="utf-8"))


def build_world(name: str) -> World:
    raw = CORPUS["worlds"][name]
    parcels = {
        parcel["id"]: ExpectedParcel(
            id=parcel["id"],
            standing=Standing(parcel["standing"]),
            session=parcel["session"],
            avoid=frozenset(parcel["avoid"]),
            units=[ExpectedUnit(**{**unit, "keys": frozenset(unit["keys"])}) for unit in parcel["units"]],
        )
        for parcel in raw["parcels"]
    }
    items = tuple(Item(frozenset(item["keys"]), item.get("session")) for item in raw["items"])
    return World(parcels=parcels, session=raw["session"], void=frozenset(raw["void"]), items=items)


def to_request(step: dict[str, Any]) -> ScanRequest:
    return ScanRequest(
        id=step["id"],
        parcel=step.get("parcel"),
        text=step.get("text", ""),
        by_hand=step.get("by_hand"),
        set_aside=bool(step.get("set_aside")),
    )


@pytest.mark.parametrize("case", CORPUS["reading"], ids=lambda case: case["name"])
def test_scanned_text_gives_the_keys_of_the_corpus(case: dict[str, Any]) -> None:
    assert read_keys(case["text"]) == case["keys"]


@pytest.mark.parametrize("case", CORPUS["cases"], ids=lambda case: case["name"])
def test_every_step_is_judged_as_the_corpus_says(case: dict[str, Any]) -> None:
    world = build_world(case["world"])
    for step in case["steps"]:
        judgement = judge(world, to_request(step))
        assert judgement.outcome == step["outcome"], step
        if "parcel_is" in step:
            assert judgement.parcel == step["parcel_is"]
        if "unit" in step:
            assert judgement.unit == step["unit"], step
        if "original" in step:
            assert judgement.original == step["original"]
