"""A warehouse whose printers stand on this machine. One printed wave serves all tests of a module."""

from collections.abc import Callable, Iterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from app.wiring import wire
from core.db import session_scope
from core.ids import new_id
from core.jobs.relay import relay_jobs
from core.jobs.runner import run_jobs
from core.settings import get_settings
from core.tenancy import get_shop
from fulfillment.packing.models import PrintFileKind, PrintJob
from fulfillment.printers.choices import Choices
from fulfillment.printers.models import Printer, PrinterKind, PrintRun
from fulfillment.printers.running import ask_runs
from fulfillment.printers.service import PrinterIn, save_printer
from fulfillment.printing.queries import list_print_jobs
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, print_all, take_order
from tests.fulfillment.printers.fake_ipp import FakePrinter, serving

RunJobs = Callable[..., int]
PLAIN = Choices()


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    with serving(FakePrinter()) as made:
        yield made


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printers may stand on this machine, as a print server does."""
    monkeypatch.setattr(get_settings(), "printer_networks", "127.0.0.0/8")


def run_due() -> int:
    """Run what is queued until nothing is due."""
    count = 0
    while sent := relay_jobs(run_jobs):
        count += sent
    return count


class Floor:
    """A shop with a printed wave of three parcels, two to a file, and printers to put it on paper."""

    def __init__(self, shop: ShippingShop) -> None:
        self.shop = shop
        with session_scope([shop.shop_id]) as session:
            get_shop(session, shop.shop_id).profile = {"shipments_per_file": 2}
        for _ in range(3):
            take_order(shop, run_due)
        self.wave_id = print_all(shop, run_due)

    def add(self, address: str, kind: PrinterKind = PrinterKind.IPP, **given: object) -> UUID:
        with session_scope([self.shop.shop_id]) as session:
            name = f"発送室のプリンター {new_id().hex[-6:]}"
            entered = PrinterIn(name=name, kind=kind, address=address, **given)  # type: ignore[arg-type]
            return save_printer(session, self.shop.shop_id, self.shop.warehouse_id, entered).id

    def ask(
        self, printer_id: UUID, kind: PrintFileKind = PrintFileKind.PAPERS, choices: Choices = PLAIN, *, parts: int = 1
    ) -> list[UUID]:
        """Put the first parts of the wave on a printer."""
        with session_scope([self.shop.shop_id]) as session:
            printings = list_print_jobs(session, self.shop.shop_id, self.wave_id)[:parts]
            printer = session.get_one(Printer, printer_id)
            return [run.id for run in ask_runs(session, self.shop.shop_id, printings, kind, printer, choices)]

    def printings(self) -> list[PrintJob]:
        with session_scope([self.shop.shop_id]) as session:
            return list_print_jobs(session, self.shop.shop_id, self.wave_id)

    def runs(self, printer_id: UUID) -> list[PrintRun]:
        with session_scope([self.shop.shop_id]) as session:
            statement = select(PrintRun).where(PrintRun.printer_id == printer_id).order_by(PrintRun.id)
            return list(session.scalars(statement))

    def run(self, printer_id: UUID) -> PrintRun:
        [run] = self.runs(printer_id)
        return run


@pytest.fixture(scope="module")
def floor(database_url: str) -> Iterator[Floor]:
    wire()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT test_clean()")
        yield Floor(make_shipping_shop())
        connection.execute("SELECT test_clean()")
