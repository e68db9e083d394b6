"""A warehouse whose printers stand on this machine."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from core.db import session_scope
from core.settings import get_settings
from fulfillment.packing.models import PrintFileKind, PrintJob
from fulfillment.printers.choices import Choices
from fulfillment.printers.models import Printer, PrinterKind, PrintRun
from fulfillment.printers.queries import list_runs_of
from fulfillment.printers.running import ask_runs
from fulfillment.printers.service import PrinterIn, save_printer
from fulfillment.printing.queries import list_print_jobs
from tests.factories.fulfillment import ShippingShop, make_shipping_shop, print_all, take_order
from tests.fulfillment.printers.fake_ipp import FakePrinter, serving

RunJobs = Callable[..., int]


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    with serving(FakePrinter()) as made:
        yield made


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Printers may stand on this machine, as a print server does."""
    monkeypatch.setattr(get_settings(), "printer_networks", "127.0.0.0/8")
    yield


class Floor:
    """A shop with a printed wave, and a printer to put it on paper."""

    def __init__(self, shop: ShippingShop, run_jobs: RunJobs, orders: int) -> None:
        self.shop, self.run_jobs = shop, run_jobs
        for _ in range(orders):
            take_order(shop, run_jobs)
        self.wave_id = print_all(shop, run_jobs)

    def add(self, address: str, kind: PrinterKind = PrinterKind.IPP, **given: object) -> UUID:
        given = {"name": "発送室のプリンター", **given}
        with session_scope([self.shop.shop_id]) as session:
            entered = PrinterIn(kind=kind, address=address, **given)  # type: ignore[arg-type]
            return save_printer(session, self.shop.shop_id, self.shop.warehouse_id, entered).id

    def ask(
        self, printer_id: UUID, kind: PrintFileKind = PrintFileKind.PAPERS, choices: Choices = Choices()
    ) -> list[UUID]:
        with session_scope([self.shop.shop_id]) as session:
            printings = list_print_jobs(session, self.shop.shop_id, self.wave_id)
            printer = session.get_one(Printer, printer_id)
            return [run.id for run in ask_runs(session, self.shop.shop_id, printings, kind, printer, choices)]

    def printings(self) -> list[PrintJob]:
        with session_scope([self.shop.shop_id]) as session:
            return list_print_jobs(session, self.shop.shop_id, self.wave_id)

    def runs(self) -> list[PrintRun]:
        with session_scope([self.shop.shop_id]) as session:
            return list_runs_of(session, self.shop.shop_id, [printing.id for printing in self.printings()])


@pytest.fixture
def floor(database: str, run_jobs: RunJobs) -> Floor:
    return Floor(make_shipping_shop(), run_jobs, 2)
