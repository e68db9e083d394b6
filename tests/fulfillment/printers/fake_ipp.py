"""An IPP printer on this machine. What it reads and writes goes through pyipp, not through our own reading."""

import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pyipp.enums import IppOperation, IppTag
from pyipp.parser import parse
from pyipp.serializer import construct_attribute

PENDING, PROCESSING, STOPPED, CANCELED, ABORTED, COMPLETED = 3, 5, 6, 7, 8, 9
_KNOWN = [0x02, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0B]


@dataclass
class FakeJob:
    id: int
    name: str
    attributes: dict[str, Any]
    state: int = PENDING
    data: bytes = b""
    impressions: int | None = 0


@dataclass
class FakePrinter:
    """`ends_in`: the state of a job once its document has come. `breaks_at`: the operation whose connection is cut."""

    jobs: dict[int, FakeJob] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    state: int = 3
    reasons: list[str] = field(default_factory=lambda: ["none"])
    operations: list[int] = field(default_factory=lambda: list(_KNOWN))
    ends_in: int = COMPLETED
    impressions: int | None = 2
    refuses: int | None = None
    breaks_at: IppOperation | None = None
    redirects: bool = False
    before: Callable[[str], None] = lambda _name: None
    port: int = 0

    @property
    def address(self) -> str:
        return f"ipp://127.0.0.1:{self.port}/ipp/print"

    def answer(self, raw: bytes) -> bytes | None:
        """Return what the printer says, None to cut the connection."""
        request = parse(raw, contains_data=True)
        operation = IppOperation(request["status-code"])
        self.calls.append(operation.name)
        self.before(operation.name)
        act = getattr(self, f"_{operation.name.lower()}")
        body = self._refuse() if self.refuses and operation.name != "GET_PRINTER_ATTRIBUTES" else act(request)
        if self.breaks_at is operation:
            return None
        status, groups = body
        return struct.pack(">bbhi", 2, 0, status, request["request-id"]) + _head() + groups + b"\x03"

    def _refuse(self) -> tuple[int, bytes]:
        return self.refuses or 0, b""

    def _get_printer_attributes(self, _request: Any) -> tuple[int, bytes]:
        return 0, b"\x04" + b"".join(
            construct_attribute(name, value, tag)
            for name, value, tag in (
                ("printer-name", "Fake", IppTag.NAME),
                ("printer-make-and-model", "Soegaki Test 1", IppTag.TEXT),
                ("printer-state", self.state, IppTag.ENUM),
                ("printer-state-reasons", self.reasons, IppTag.KEYWORD),
                ("document-format-supported", ["application/pdf"], IppTag.MIME_TYPE),
                ("operations-supported", self.operations, IppTag.ENUM),
            )
        )

    def _create_job(self, request: Any) -> tuple[int, bytes]:
        job = self._make(request)
        return 0, _describe(job)

    def _print_job(self, request: Any) -> tuple[int, bytes]:
        job = self._make(request)
        self._take(job, request["data"])
        return 0, _describe(job)

    def _send_document(self, request: Any) -> tuple[int, bytes]:
        job = self.jobs[request["operation-attributes"]["job-id"]]
        self._take(job, request["data"])
        return 0, _describe(job)

    def _get_job_attributes(self, request: Any) -> tuple[int, bytes]:
        job = self.jobs.get(request["operation-attributes"]["job-id"])
        return (0, _describe(job)) if job else (0x0406, b"")

    def _get_jobs(self, request: Any) -> tuple[int, bytes]:
        over = request["operation-attributes"]["which-jobs"] == "completed"
        return 0, b"".join(_describe(job) for job in self.jobs.values() if (job.state >= CANCELED) == over)

    def _cancel_job(self, request: Any) -> tuple[int, bytes]:
        self.jobs[request["operation-attributes"]["job-id"]].state = CANCELED
        return 0, b""

    def _make(self, request: Any) -> FakeJob:
        attributes = request["jobs"][0] if request["jobs"] else {}
        job = FakeJob(100 + len(self.jobs), request["operation-attributes"]["job-name"], attributes)
        self.jobs[job.id] = job
        return job

    def _take(self, job: FakeJob, data: bytes) -> None:
        job.data, job.state, job.impressions = data, self.ends_in, self.impressions


def _head() -> bytes:
    charset = construct_attribute("attributes-charset", "utf-8", IppTag.CHARSET)
    return b"\x01" + charset + construct_attribute("attributes-natural-language", "en", IppTag.LANGUAGE)


def _describe(job: FakeJob) -> bytes:
    parts = [
        construct_attribute("job-id", job.id, IppTag.INTEGER),
        construct_attribute("job-name", job.name, IppTag.NAME),
        construct_attribute("job-state", job.state, IppTag.ENUM),
        construct_attribute("job-state-reasons", ["none"], IppTag.KEYWORD),
    ]
    if job.impressions is not None:
        parts.append(construct_attribute("job-impressions-completed", job.impressions, IppTag.INTEGER))
    return b"\x02" + b"".join(parts)


@contextmanager
def serving(printer: FakePrinter) -> Iterator[FakePrinter]:
    """Let the printer answer on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            if printer.redirects:
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                return
            body = printer.answer(raw)
            if body is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    printer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield printer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
