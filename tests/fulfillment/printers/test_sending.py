"""Papers go to a printer once, in order, and what is not known is asked of a person."""

from typing import Any

import pypdfium2
import pytest
from pyipp.enums import IppOperation
from sqlalchemy import update

from core.db import session_scope, system_scope
from core.jobs.models import Job, JobState
from documents.file_options import Duplex
from fulfillment.printers.choices import Choices
from fulfillment.printers.client import IppPrinter
from fulfillment.printers.errors import RunStateError
from fulfillment.printers.models import RunState
from fulfillment.printers.running import answer_doubt, repeat_run
from fulfillment.printers.watching import enqueue_watching
from tests.fulfillment.printers.conftest import Floor, run_due
from tests.fulfillment.printers.fake_ipp import ABORTED, CANCELED, COMPLETED, PROCESSING, FakePrinter


def watch() -> None:
    """Let the keeper look once, and its jobs run."""
    enqueue_watching()
    run_due()


def test_papers_reach_the_printer_once_and_their_end_is_seen(floor: Floor, printer: FakePrinter) -> None:
    place = floor.add(printer.address, tray="tray-2")
    floor.ask(place, choices=Choices(duplex=Duplex.LONG_EDGE))
    run_due()
    run = floor.run(place)
    [job] = printer.jobs.values()
    assert (run.state, run.remote_job, run.copies) == (RunState.PRINTING, job.id, 4)
    assert job.attributes["sides"] == "two-sided-long-edge"
    assert job.attributes["print-scaling"] == "none"
    assert len(pypdfium2.PdfDocument(job.data)) == run.pages
    watch()
    run = floor.run(place)
    assert (run.state, run.impressions) == (RunState.DONE, 2)
    assert printer.calls.count("SEND_DOCUMENT") == 1


def test_a_printer_that_is_away_is_told_and_the_papers_can_be_sent_again(floor: Floor, printer: FakePrinter) -> None:
    place = floor.add("ipp://127.0.0.1:9/ipp/print")
    floor.ask(place)
    run_due()
    run = floor.run(place)
    assert (run.state, run.problem, run.was_sent) == (RunState.FAILED, "away", False)
    with session_scope([floor.shop.shop_id]) as session:
        repeat_run(session, floor.shop.shop_id, run.id)
    with session_scope([floor.shop.shop_id]) as session, pytest.raises(RunStateError):
        repeat_run(session, floor.shop.shop_id, run.id)
    assert [each.state for each in floor.runs(place)] == [RunState.REPEATED, RunState.QUEUED]


@pytest.mark.parametrize("reason", ["media-empty-error", "media-jam", "cover-open", "paused"])
def test_nothing_is_sent_to_a_printer_that_waits_for_a_person(floor: Floor, printer: FakePrinter, reason: str) -> None:
    printer.reasons = [reason]
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    run = floor.run(place)
    assert run.state is RunState.FAILED
    assert reason.startswith(run.problem or "?")
    assert not printer.jobs


def test_a_refusal_is_a_failure_with_nothing_out(floor: Floor, printer: FakePrinter) -> None:
    printer.refuses = 0x0400
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    run = floor.run(place)
    assert (run.state, run.problem, run.was_sent) == (RunState.FAILED, "refused", False)


def test_a_connection_that_breaks_after_the_pages_leaves_a_doubt_that_a_person_settles(
    floor: Floor, printer: FakePrinter
) -> None:
    printer.breaks_at = IppOperation.SEND_DOCUMENT
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    run = floor.run(place)
    assert (run.state, run.problem) == (RunState.DOUBT, "silent")
    with session_scope([floor.shop.shop_id]) as session:
        answer_doubt(session, floor.shop.shop_id, run.id, came_out=True)
    with session_scope([floor.shop.shop_id]) as session, pytest.raises(RunStateError):
        answer_doubt(session, floor.shop.shop_id, run.id, came_out=False)
    assert floor.run(place).state is RunState.DONE


class Killed(BaseException):
    """The worker is gone: nothing after this line happens."""


@pytest.mark.parametrize(
    ("method", "after", "documents", "end"),
    [
        ("describe", False, 1, RunState.DONE),
        ("create_job", False, 1, RunState.DONE),
        ("create_job", True, 1, RunState.DONE),
        ("send_document", False, 0, RunState.FAILED),
        ("send_document", True, 1, RunState.DONE),
    ],
)
def test_a_worker_that_dies_anywhere_prints_nothing_twice(
    floor: Floor,
    printer: FakePrinter,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    after: bool,
    documents: int,
    end: RunState,
) -> None:
    place = floor.add(printer.address)
    floor.ask(place)
    with monkeypatch.context() as patch:
        die_at(patch, method, after=after)
        with pytest.raises(Killed):
            run_due()
    send_again()
    for job in printer.jobs.values():
        if not job.data and job.state < CANCELED:
            job.state = ABORTED  # As a printer does with a job whose pages never come.
    watch()
    run = floor.run(place)
    assert run.state is end
    assert len([job for job in printer.jobs.values() if job.data]) == documents


def die_at(patch: pytest.MonkeyPatch, method: str, *, after: bool) -> None:
    real = getattr(IppPrinter, method)

    def dying(self: IppPrinter, *given: Any) -> Any:
        if after:
            real(self, *given)
        raise Killed

    patch.setattr(IppPrinter, method, dying)


def send_again() -> None:
    """The job of a worker that died grows stale, and another worker takes it."""
    with system_scope() as session:
        session.execute(update(Job).where(Job.state == JobState.SENT).values(state=JobState.QUEUED))
    run_due()


def test_a_printer_without_separate_jobs_is_asked_by_name_after_a_death(
    floor: Floor, printer: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer.operations = [0x02, 0x09, 0x0A, 0x0B]
    place = floor.add(printer.address)
    floor.ask(place)
    with monkeypatch.context() as patch:
        die_at(patch, "print_job", after=True)
        with pytest.raises(Killed):
            run_due()
    send_again()
    run = floor.run(place)
    assert (run.state, run.remote_job) == (RunState.PRINTING, 100)
    assert printer.calls.count("PRINT_JOB") == 1


@pytest.mark.parametrize(("impressions", "end"), [(0, RunState.FAILED), (1, RunState.DOUBT), (None, RunState.DOUBT)])
def test_a_job_that_the_printer_gave_up_is_a_doubt_once_a_page_came_out(
    floor: Floor, printer: FakePrinter, impressions: int | None, end: RunState
) -> None:
    printer.ends_in, printer.impressions = ABORTED, impressions
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    watch()
    assert floor.run(place).state is end


def test_what_hinders_a_job_is_shown_while_it_waits(floor: Floor, printer: FakePrinter) -> None:
    printer.ends_in = PROCESSING
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    printer.reasons = ["media-empty-error"]
    watch()
    run = floor.run(place)
    assert (run.state, run.reasons) == (RunState.PRINTING, ["media-empty-error"])
    printer.reasons, next(iter(printer.jobs.values())).state = ["none"], COMPLETED
    watch()
    assert floor.run(place).state is RunState.DONE


def test_a_job_that_the_printer_does_not_know_any_more_is_a_doubt(floor: Floor, printer: FakePrinter) -> None:
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    printer.jobs.clear()
    watch()
    assert (floor.run(place).state, floor.run(place).problem) == (RunState.DOUBT, "forgotten")


def test_a_redirect_is_not_followed(floor: Floor, printer: FakePrinter) -> None:
    printer.redirects = True
    place = floor.add(printer.address)
    floor.ask(place)
    run_due()
    assert (floor.run(place).state, floor.run(place).problem) == (RunState.FAILED, "refused")


def test_parts_of_a_wave_go_out_in_their_order(floor: Floor, printer: FakePrinter) -> None:
    place = floor.add(printer.address)
    floor.ask(place, parts=2)
    run_due()
    assert [job.name.split()[0][-2:] for job in printer.jobs.values()] == ["-1", "-2"]
