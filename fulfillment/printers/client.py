"""Talks IPP to one printer: what it is, jobs made, documents sent, jobs asked after (RFC 8011)."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from fulfillment.printers.addresses import Target
from fulfillment.printers.errors import PrinterAwayError, PrinterFailedError, PrinterSilentError
from fulfillment.printers.ipp import (
    NOT_FOUND,
    Attribute,
    Group,
    MalformedMessageError,
    Message,
    Operation,
    Tag,
    decode_message,
    encode_request,
)

USER: Final = "soegaki"
PDF: Final = "application/pdf"
_TIMEOUT: Final = httpx.Timeout(15.0, connect=5.0)
_LARGEST_ANSWER: Final = 1 << 20
_PRINTER_WANTED: Final = (
    "printer-name",
    "printer-make-and-model",
    "printer-state",
    "printer-state-reasons",
    "document-format-supported",
    "operations-supported",
    "sides-supported",
    "media-ready",
    "media-supported",
)
_JOB_WANTED: Final = ("job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed")
# printer-state 5, and reasons that end in -error (RFC 8011, 5.4.12): a person has to go there.
STOPPED: Final = 5
_JOB_STATES: Final = {3: "pending", 4: "held", 5: "processing", 6: "stopped", 7: "canceled", 8: "aborted"}
_COMPLETED: Final = 9


@dataclass(frozen=True)
class Description:
    """What a printer says of itself."""

    name: str
    model: str
    is_stopped: bool
    reasons: tuple[str, ...]
    formats: frozenset[str]
    operations: frozenset[int]
    sides: frozenset[str]
    media: frozenset[str]

    @property
    def keeps_jobs(self) -> bool:
        """Whether a job can be made, and its number kept, before its pages are sent."""
        return {Operation.CREATE_JOB, Operation.SEND_DOCUMENT} <= self.operations


@dataclass(frozen=True)
class JobReport:
    """`state`: pending, held, processing, stopped, canceled, aborted, completed."""

    id: int
    state: str
    reasons: tuple[str, ...] = ()
    impressions: int | None = None


@dataclass(frozen=True)
class Ticket:
    """How a job is to be printed. `media` is a PWG name, `tray` a media-source of the printer."""

    name: str
    sides: str = "one-sided"
    media: str | None = None
    tray: str | None = None
    size: tuple[float, float] = (210.0, 297.0)


@dataclass
class IppPrinter:
    """One printer. Redirects are not followed, no proxy is used, and only the machine that was checked is called."""

    target: Target
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def describe(self) -> Description:
        """Ask the printer what it is and how it does. Raises PrinterAwayError."""
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, [_keywords("requested-attributes", _PRINTER_WANTED)])
        texts = {name: _texts(answer.find(Group.PRINTER, name)) for name in _PRINTER_WANTED}
        return Description(
            name=_first(texts["printer-name"]),
            model=_first(texts["printer-make-and-model"]),
            is_stopped=STOPPED in answer.find(Group.PRINTER, "printer-state"),
            reasons=tuple(reason for reason in texts["printer-state-reasons"] if reason != "none"),
            formats=frozenset(texts["document-format-supported"]),
            operations=frozenset(each for each in answer.find(Group.PRINTER, "operations-supported")),
            sides=frozenset(texts["sides-supported"]),
            media=frozenset(texts["media-ready"]) | frozenset(texts["media-supported"]),
        )

    def create_job(self, ticket: Ticket) -> int:
        """Make a job without pages and return its number."""
        return _job_number(self._ask(Operation.CREATE_JOB, [_job_name(ticket)], _job_attributes(ticket)))

    def send_document(self, job: int, ticket: Ticket, data: Iterable[bytes], size: int) -> None:
        """Send the pages of a job. Raises PrinterSilentError when it is not known what arrived."""
        attributes = [
            Attribute(Tag.INTEGER, "job-id", job),
            *_requester(),
            Attribute(Tag.NAME, "document-name", ticket.name),
            Attribute(Tag.MIME_TYPE, "document-format", PDF),
            Attribute(Tag.BOOLEAN, "last-document", True),
        ]
        self._ask(Operation.SEND_DOCUMENT, attributes, document=(data, size))

    def print_job(self, ticket: Ticket, data: Iterable[bytes], size: int) -> int:
        """Make a job and send its pages at once, for printers that cannot do it in two steps."""
        attributes = [_job_name(ticket), Attribute(Tag.MIME_TYPE, "document-format", PDF)]
        return _job_number(self._ask(Operation.PRINT_JOB, attributes, _job_attributes(ticket), (data, size)))

    def find_job(self, name: str) -> JobReport | None:
        """Return the job of this name among those the printer still knows."""
        for which in ("not-completed", "completed"):
            wanted = [Attribute(Tag.KEYWORD, "which-jobs", which), _keywords("requested-attributes", _JOB_WANTED)]
            for group in self._ask(Operation.GET_JOBS, [*_requester(), *wanted]).list_groups(Group.JOB):
                if name in group.get("job-name", ()):
                    return _report(group)
        return None

    def get_job(self, job: int) -> JobReport | None:
        """Return how far a job is; None when the printer does not know it any more."""
        attributes = [
            Attribute(Tag.INTEGER, "job-id", job),
            *_requester(),
            _keywords("requested-attributes", _JOB_WANTED),
        ]
        answer = self._exchange(Operation.GET_JOB_ATTRIBUTES, attributes)
        if answer.status == NOT_FOUND:
            return None
        groups = _check(answer).list_groups(Group.JOB)
        return _report(groups[0]) if groups else None

    def cancel_job(self, job: int) -> None:
        """Ask the printer to forget a job; one that is over already is no failure."""
        self._exchange(Operation.CANCEL_JOB, [Attribute(Tag.INTEGER, "job-id", job), *_requester()])

    def _ask(
        self,
        operation: Operation,
        attributes: Sequence[Attribute],
        job: Sequence[Attribute] = (),
        document: tuple[Iterable[bytes], int] | None = None,
    ) -> Message:
        return _check(self._exchange(operation, attributes, job, document))

    def _exchange(
        self,
        operation: Operation,
        attributes: Sequence[Attribute],
        job: Sequence[Attribute] = (),
        document: tuple[Iterable[bytes], int] | None = None,
    ) -> Message:
        address = self.target.address
        always = [
            Attribute(Tag.CHARSET, "attributes-charset", "utf-8"),
            Attribute(Tag.LANGUAGE, "attributes-natural-language", "en"),
            Attribute(Tag.URI, "printer-uri", address.uri),
        ]
        groups = [(Group.OPERATION, [*always, *attributes]), (Group.JOB, job)]
        head = encode_request(operation, next(self._numbers), groups)
        pages, size = document or ((), 0)
        try:
            return decode_message(self._post(itertools.chain([head], pages), len(head) + size))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise PrinterAwayError from None
        except (httpx.TransportError, MalformedMessageError):
            raise (PrinterSilentError() if document else PrinterAwayError()) from None

    def _post(self, content: Iterable[bytes], size: int) -> bytes:
        address = self.target.address
        machine = f"[{self.target.machine}]" if ":" in self.target.machine else self.target.machine
        scheme = "https" if address.scheme == "ipps" else "http"
        headers = {"Content-Type": "application/ipp", "Content-Length": str(size), "Host": address.authority}
        with (
            httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                f"{scheme}://{machine}:{address.port}{address.path or '/'}",
                content=content,
                headers=headers,
                extensions={"sni_hostname": address.host},
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise PrinterFailedError("refused", f"HTTP {answer.status_code}")
            return _read_all(answer)


def _read_all(answer: httpx.Response) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise MalformedMessageError("The answer does not end.")
    return bytes(body)


def _check(answer: Message) -> Message:
    if not answer.succeeded:
        raise PrinterFailedError("refused", f"IPP {answer.status:#06x}")
    return answer


def _requester() -> list[Attribute]:
    return [Attribute(Tag.NAME, "requesting-user-name", USER)]


def _job_name(ticket: Ticket) -> Attribute:
    return Attribute(Tag.NAME, "job-name", ticket.name)


def _keywords(name: str, values: Iterable[str]) -> Attribute:
    return Attribute(Tag.KEYWORD, name, list(values))


def _job_attributes(ticket: Ticket) -> list[Attribute]:
    """Return how to print. Nothing is scaled: 100 mm are 100 mm."""
    attributes = [Attribute(Tag.KEYWORD, "print-scaling", "none"), Attribute(Tag.KEYWORD, "sides", ticket.sides)]
    if ticket.tray:
        # Hundredths of a millimetre (PWG 5100.7).
        width, height = (round(side * 100) for side in ticket.size)
        dimensions = [Attribute(Tag.INTEGER, "x-dimension", width), Attribute(Tag.INTEGER, "y-dimension", height)]
        members = [
            Attribute(Tag.COLLECTION, "media-size", dimensions),
            Attribute(Tag.KEYWORD, "media-source", ticket.tray),
        ]
        attributes.append(Attribute(Tag.COLLECTION, "media-col", members))
    elif ticket.media:
        attributes.append(Attribute(Tag.KEYWORD, "media", ticket.media))
    return attributes


def _job_number(answer: Message) -> int:
    numbers = answer.find(Group.JOB, "job-id")
    if not numbers or not isinstance(numbers[0], int):
        raise PrinterFailedError("refused", "no job-id")
    return numbers[0]


def _report(group: Any) -> JobReport:
    [number] = group.get("job-id", [0])
    [state] = group.get("job-state", [0])
    [impressions] = group.get("job-impressions-completed", [None])
    word = "completed" if state == _COMPLETED else _JOB_STATES.get(state, "pending")
    reasons = tuple(reason for reason in _texts(group.get("job-state-reasons", ())) if reason != "none")
    return JobReport(number, word, reasons, impressions if isinstance(impressions, int) else None)


def _texts(values: Iterable[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _first(texts: Sequence[str]) -> str:
    return texts[0] if texts else ""
