"""Labels go to a label printer over a bare connection: asked how it does, sent once, watched until all are drawn."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from core.db import session_scope
from fulfillment.packing.models import PrintFileKind
from fulfillment.printers.handing import hand_out
from fulfillment.printers.models import PrinterKind, PrintRun, RunState
from fulfillment.printers.raw import read_status
from fulfillment.printers.watching import enqueue_watching
from tests.documents.test_zpl import read_label, see_codes
from tests.fulfillment.printers.conftest import Floor, run_due


@dataclass
class FakeZebra:
    """`flags`: paper out, paused, head up, ribbon out; `waiting`: labels not drawn yet; silent: no answer to ~HS."""

    received: list[bytes] = field(default_factory=list)
    flags: str = "0000"
    waiting: int = 0
    is_silent: bool = False
    port: int = 0

    @property
    def status(self) -> bytes:
        paper, paused, head, ribbon = tuple(self.flags)
        first = f"\x02030,{paper},{paused},1245,{self.waiting:03d},0,0,0,000,0,0,0\x03\r\n"
        second = f"\x02000,0,{head},{ribbon},0,2,4,0,00000000,1,000\x03\r\n"
        return f"{first}{second}\x021234,0\x03\r\n".encode()


@pytest.fixture
def zebra() -> Iterator[FakeZebra]:
    made = FakeZebra()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data = b""
            while piece := self.request.recv(65536):
                data += piece
                if data == b"~HS":
                    if not made.is_silent:
                        self.request.sendall(made.status)
                    return
            made.received.append(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def add(floor: Floor, zebra: FakeZebra) -> UUID:
    return floor.add(f"127.0.0.1:{zebra.port}", PrinterKind.ZPL, dpi=203, media="om_label_100x150mm")


def watch() -> None:
    enqueue_watching()
    run_due()


def test_labels_are_sent_and_followed_until_all_are_drawn(floor: Floor, zebra: FakeZebra) -> None:
    zebra.waiting = 0
    place = add(floor, zebra)
    floor.ask(place, PrintFileKind.LABELS)
    run_due()
    run = floor.run(place)
    assert (run.state, run.copies, run.pages) == (RunState.PRINTING, 2, 2)
    zebra.waiting, zebra.flags = 1, "1000"
    watch()
    assert floor.run(place).reasons == ["media-empty"]
    zebra.waiting, zebra.flags = 0, "0000"
    watch()
    assert floor.run(place).state is RunState.DONE
    [data] = zebra.received
    labels = data.split(b"^XZ\n")[:-1]
    assert len(labels) == 2
    assert all(len(see_codes(read_label(label))) == 2 for label in labels)


@pytest.mark.parametrize(("flags", "problem"), [("1000", "media-empty"), ("0010", "cover-open"), ("0100", "paused")])
def test_nothing_is_sent_to_a_label_printer_that_stands_still(
    floor: Floor, zebra: FakeZebra, flags: str, problem: str
) -> None:
    zebra.flags = flags
    place = add(floor, zebra)
    floor.ask(place, PrintFileKind.LABELS)
    run_due()
    run = floor.run(place)
    assert (run.state, run.problem) == (RunState.FAILED, problem)
    assert zebra.received == []


def test_of_a_printer_that_tells_nothing_sent_is_all_one_knows(floor: Floor, zebra: FakeZebra) -> None:
    zebra.is_silent = True
    place = add(floor, zebra)
    floor.ask(place, PrintFileKind.LABELS)
    run_due()
    run = floor.run(place)
    assert (run.state, run.reasons) == (RunState.DONE, ["sent-only"])


def test_without_an_address_the_labels_are_downloaded(floor: Floor) -> None:
    place = floor.add("", PrinterKind.ZPL, dpi=203, media="om_label_100x150mm")
    [run_id] = floor.ask(place, PrintFileKind.LABELS)
    with session_scope([floor.shop.shop_id]) as session:
        handed = hand_out(session, session.get_one(PrintRun, run_id))
    assert handed.name.endswith(".zpl")
    assert handed.data.startswith(b"^XA")
    assert floor.run(place).state is RunState.DONE


@pytest.mark.parametrize("text", [b"", b"nonsense", b"\x02030,0\x03", b"\x02a,b,c,d,e\x03\x02a,b,c,d,e,f,g,h,i\x03"])
def test_what_is_no_status_is_none(text: bytes) -> None:
    assert read_status(text) is None
