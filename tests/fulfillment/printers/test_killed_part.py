"""A worker is killed while it draws a part: nothing half is left, and the repeat is the same to the byte."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from core import clock
from core.db import open_session, session_scope
from core.storage.service import open_store, read_file
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy, PrintFile, PrintJob
from fulfillment.printing.part_printing import print_part
from fulfillment.printing.waves import WaveChoice, create_wave, print_wave
from fulfillment.states import ShipmentState
from tests.conftest import MORNING
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, take_order

RunJobs = Callable[..., int]
PROGRAM = """
import os, signal, sys
from datetime import datetime
from uuid import UUID
from app.wiring import wire
from core import clock, db
from core.db import session_scope
from core.storage import streaming
from fulfillment.printing.part_printing import print_part

url, shop, job, moment, writes = sys.argv[1:]
write, left = streaming.FileSink.write, [int(writes)]

def dying(self, data):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(self, data)

streaming.FileSink.write = dying
wire()
db.configure(url)
with clock.freeze(datetime.fromisoformat(moment)), session_scope([UUID(shop)]) as session:
    print_part(session, UUID(shop), UUID(job))
"""


def draw(shop: ShippingShop, job: UUID, moment: datetime, *, keep: bool) -> dict[str, bytes]:
    """Print the part and return its files; without `keep` it is as if it had never been."""
    with clock.freeze(moment), open_session([shop.shop_id]) as session:
        print_part(session, shop.shop_id, job)
        session.flush()
        files = session.scalars(select(PrintFile).where(PrintFile.print_job_id == job)).all()
        found = {file.kind.value: read_file(session, file.file_id) for file in files}
        if keep:
            session.commit()
    return found


def list_files() -> set[str]:
    filesystem, root = open_store()
    return {path for path in filesystem.find(root) if "/drafts/" not in path}


@pytest.mark.prove
def test_a_part_whose_worker_was_killed_is_done_again_and_is_the_same(database: str, run_jobs: RunJobs) -> None:
    shop = make_shipping_shop()
    for _ in range(2):
        take_order(shop, run_jobs)
    with session_scope([shop.shop_id]) as session:
        wave = create_wave(session, shop.shop_id, WaveChoice())
        [printing] = print_wave(session, shop.shop_id, wave.id)
        job = printing.id
    foreseen = draw(shop, job, MORNING, keep=False)
    before = list_files()
    arguments = [database, str(shop.shop_id), str(job), MORNING.isoformat(), "2"]
    died = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert list_files() == before
    with session_scope([shop.shop_id]) as session:
        assert session.scalars(select(Shipment.state).distinct()).all() == [ShipmentState.WAVED]
        assert session.scalars(select(Copy)).all() == []
        assert session.get_one(PrintJob, job).printed_at is None
    assert draw(shop, job, MORNING, keep=True) == foreseen
    assert set(foreseen) == {"cover", "papers", "labels"}
