"""The main job from start to end, as its users start it: one command, its last line one JSON object."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.demo.packer.work import Mistake
from app.supervisor.children import ROOT

ALWAYS = {
    Mistake.WRONG_ITEM,
    Mistake.TOO_MANY,
    Mistake.OTHER_PARCELS_LETTER,
    Mistake.VOID_COPY,
    Mistake.ALREADY_SHIPPED,
    Mistake.HELD,
    Mistake.CANCELLED,
    Mistake.UNPROVEN_HAND_OVER,
}


def run_demo(tmp_path: Path, *arguments: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOEGAKI_")}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "demo", "--once", "--json", "--data", str(tmp_path / "data"), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check_day(found: dict[str, Any]) -> None:
    """Nothing lost, nothing unproven, every mistake refused."""
    assert found["mistakes_refused"] == found["mistakes_made"]
    assert found["mistakes_made"].keys() >= {mistake.value for mistake in ALWAYS}
    assert found["surprises"] == {}
    assert found["absorbed"] > 0
    assert found["dispatched_without_proof"] == 0
    assert found["decided"] == found["shipments"]
    assert found["dispatched"] == found["shipments"] - found["held"] - found["cancelled"]
    assert found["touchpoints_written"] == found["orders_in"] + found["dispatched"]
    assert found["failed_jobs"] == 0


@pytest.mark.timeout(600)
def test_a_day_of_the_face_shop_runs_from_webhook_to_proven_hand_over(tmp_path: Path) -> None:
    found = run_demo(tmp_path, "--shop", "face", "--orders", "24")
    check_day(found)
    assert found["orders_in"] == 24
    assert found["shipments"] > 24
    assert found["cleaned_lines"] == 0


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_a_thousand_orders_of_the_volume_shop_run_the_same_way(tmp_path: Path) -> None:
    found = run_demo(tmp_path, "--shop", "volume", "--orders", "1000")
    check_day(found)
    assert found["orders_in"] == 1000
    assert found["cleaned_lines"] == 28_672
