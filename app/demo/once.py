"""The main job headless: webhooks in, decided, printed, packed by the simulated packer, handed over, counted."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final
from uuid import UUID

from app.demo import proof
from app.demo.face_event import TourFiles
from app.demo.office import Office, OfficeDay, stir
from app.demo.server import await_ready, serving
from app.demo.shop_setup import DemoShop, add_keys
from app.demo.shopify_payloads import Message
from core import clock
from core.db import session_scope
from core.embedded.privileges import prepare_child
from core.jobs.service import count_unfinished

PACKER_SEED: Final = 7
PATIENCE: Final = 3_600.0
PORTION: Final = 1_500


@dataclass(frozen=True)
class Inbox:
    """What arrives before the waves are printed, and after. `shelf`: the barcode on each thing in the house, by SKU.

    `numbers` are the orders' own; `cleaned_lines` counts what was dropped from the data they were made of. `tour` is
    what an organiser of the shop hands in.
    """

    first: Sequence[Message]
    later: Sequence[Message]
    shelf: Mapping[str, str]
    numbers: Sequence[str] = ()
    cleaned_lines: int = 0
    tour: TourFiles | None = None


@dataclass
class Stages:
    """How long each stage took, in seconds, and what to tell while it runs."""

    say: Callable[[str], None]
    started: float = field(default_factory=monotonic)
    taken: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=monotonic)

    def finish(self, name: str, words: str) -> None:
        now = monotonic()
        taken = now - self._since
        self.taken[name] = round(self.taken.get(name, 0.0) + taken, 1)
        self._since = now
        self.say(f"{words} ({taken:.1f} s)")

    @property
    def total(self) -> float:
        return round(monotonic() - self.started, 1)


def await_quiet(shop_id: UUID) -> None:
    """Return once no job of the shop is left to do."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with session_scope([shop_id]) as session:
            if count_unfinished(session) == 0:
                return
        sleep(0.2)
    raise TimeoutError(f"Jobs were still waiting after {PATIENCE:.0f} s.")


def _slice(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Cut a month into portions: nobody receives it in one minute."""
    for start in range(0, len(messages), PORTION):
        yield messages[start : start + PORTION]


def run_packer(folder: Path, assignment: dict[str, Any]) -> dict[str, Any]:
    """Let the packer work in a process of its own, which is given a file and speaks HTTP; returns its report."""
    path = folder / "assignment.json"
    path.write_text(json.dumps(assignment), encoding="utf-8")
    path.chmod(0o600)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.demo.packer", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            check=True,
            text=True,
            preexec_fn=prepare_child(signal.SIGTERM, drop_root=False),
        )
    finally:
        path.unlink()
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def run_day(
    shop: DemoShop, prepare: Callable[[], Inbox], *, base_url: str, folder: Path, stages: Stages
) -> dict[str, Any]:
    """Seed by `prepare`, then run one day against the program at `base_url`; returns the counts of the run."""
    operator_key, packer_key = add_keys(shop, f"{clock.now():%Y-%m-%d %H:%M}")
    log = folder / "serve.log"
    inbox = prepare()
    before = proof.count_touchpoints(shop.shop_id)
    stages.finish("seed", "見本データ")
    with serving(log) as server:
        await_ready(server, base_url, log)
        stages.finish("start", "起動")
        office = Office(base_url, operator_key, shop)
        for messages in _slice(inbox.first):
            sent = office.send_messages(messages)
            stages.finish("receive", f"受注 {sent} 件を受信")
            await_quiet(shop.shop_id)
            stages.finish("decide", "判定")
        waves = office.print_waves()
        stages.finish("print", f"{len(waves)} バッチを印刷")
        office_day = stir(office, inbox.numbers)
        office.send_messages(inbox.later)
        await_quiet(shop.shop_id)
        report = run_packer(folder, _assign(base_url, packer_key, shop, waves, office_day, inbox.shelf))
        stages.finish("pack", "検品・出荷")
        await_quiet(shop.shop_id)
        stages.finish("record", "記録")
    return _sum_up(shop, inbox, report, before, stages)


def _assign(
    base_url: str, key: str, shop: DemoShop, waves: Sequence[str], day: OfficeDay, shelf: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "base_url": base_url,
        "key": key,
        "shop": shop.slug,
        "wave_ids": list(waves),
        "trays": day.trays,
        "shelf": dict(shelf),
        "seed": PACKER_SEED,
    }


def _sum_up(shop: DemoShop, inbox: Inbox, report: dict[str, Any], before: int, stages: Stages) -> dict[str, Any]:
    found = proof.count_run(shop.shop_id)
    return {
        **{name: found.counts[name] for name in ("orders_in", "shipments", "decided", "pages", "inserts_enclosed")},
        "units_scanned": report["units_scanned"],
        "mistakes_made": report["mistakes_made"],
        "mistakes_refused": report["mistakes_refused"],
        "absorbed": report["absorbed"],
        "dispatched": found.counts["dispatched"],
        "dispatched_without_proof": found.unproven,
        "touchpoints_written": proof.count_touchpoints(shop.shop_id) - before,
        "cleaned_lines": inbox.cleaned_lines,
        "held": found.counts["held"],
        "cancelled": found.counts["cancelled"],
        "failed_jobs": found.counts["failed_jobs"],
        "surprises": report["surprises"],
        "sheets_read": report["sheets_read"],
        "stages": stages.taken,
        "seconds": stages.total,
    }
