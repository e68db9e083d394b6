"""Talks to a label printer over a bare TCP connection: ZPL goes out, the host status (~HS) comes back."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fulfillment.printers.addresses import Target
from fulfillment.printers.errors import PrinterAwayError, PrinterSilentError

_CONNECT_SECONDS: Final = 5.0
_SEND_SECONDS: Final = 60.0
_STATUS_SECONDS: Final = 2.0
_LARGEST_STATUS: Final = 4096
_LINES = 3


@dataclass(frozen=True)
class HostStatus:
    """What ~HS says (ZPL II Programming Guide): how many labels wait, and why it stands still."""

    waiting: int
    reasons: tuple[str, ...]


def send_zpl(target: Target, data: Iterable[bytes]) -> None:
    """Send everything. Raises PrinterAwayError when nothing, PrinterSilentError when something went out."""
    with _connect(target) as connection:
        connection.settimeout(_SEND_SECONDS)
        try:
            for piece in data:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            raise PrinterSilentError from None


def ask_status(target: Target) -> HostStatus | None:
    """Return the host status; None from a printer that does not answer this question. Raises PrinterAwayError."""
    with _connect(target) as connection:
        connection.settimeout(_STATUS_SECONDS)
        received = b""
        try:
            connection.sendall(b"~HS")
            while received.count(b"\x03") < _LINES and len(received) < _LARGEST_STATUS:
                piece = connection.recv(1024)
                if not piece:
                    break
                received += piece
        except OSError:
            pass
    return read_status(received)


def _connect(target: Target) -> socket.socket:
    try:
        return socket.create_connection((target.machine, target.address.port), timeout=_CONNECT_SECONDS)
    except OSError:
        raise PrinterAwayError from None


def read_status(received: bytes) -> HostStatus | None:
    """Read the three lines of ~HS; None for anything else."""
    lines = [line.strip(b"\x02\r\n ").decode("ascii", "replace").split(",") for line in received.split(b"\x03")]
    try:
        first, second = lines[0], lines[1]
        flags = {
            "media-empty": first[1],
            "paused": first[2],
            "cover-open": second[2],
            "ribbon-out": second[3],
        }
        return HostStatus(int(first[4]) + int(second[8]), tuple(name for name, flag in flags.items() if flag == "1"))
    except (IndexError, ValueError):
        return None
