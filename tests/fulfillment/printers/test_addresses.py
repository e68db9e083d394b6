"""A printer stands in our own network: no name and no spelling leads elsewhere."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from core.settings import get_settings
from fulfillment.printers.addresses import find_machine, read_address
from fulfillment.printers.errors import PrinterAddressError
from fulfillment.printers.models import PrinterKind

PRIVATE = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"


@pytest.fixture(autouse=True)
def _ordinary_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "printer_networks", PRIVATE)


def let_name_mean(monkeypatch: pytest.MonkeyPatch, *machines: str) -> None:
    def look_up(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, port)) for machine in machines]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("kind", "text", "uri"),
    [
        (PrinterKind.IPP, "ipp://192.168.1.20/ipp/print", "ipp://192.168.1.20:631/ipp/print"),
        (PrinterKind.IPP, "ipps://printer.local:8631/p", "ipps://printer.local:8631/p"),
        (PrinterKind.IPP, " ipp://[fd00::1]/ipp ", "ipp://[fd00::1]:631/ipp"),
        (PrinterKind.ZPL, "10.1.2.3", "zpl://10.1.2.3:9100"),
        (PrinterKind.ZPL, "zebra:9101", "zpl://zebra:9101"),
    ],
)
def test_addresses_are_read(kind: PrinterKind, text: str, uri: str) -> None:
    assert read_address(kind, text).uri == uri


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed"),
        ("http://192.168.1.20/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("ipp://", "malformed"),
        ("ipp://user:secret@192.168.1.20/", "malformed"),
        ("ipp://192.168.1.20/?a=1", "malformed"),
        ("ipp://192.168.1.20:99999/", "malformed"),
        ("ipp://192.168.1.20/a b", "malformed"),
        ("ipp://192.168.1.20/\r\nHost: x", "malformed"),
    ],
)
def test_other_addresses_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PrinterAddressError) as refused:
        read_address(PrinterKind.IPP, text)
    assert refused.value.details["reason"] == reason


@pytest.mark.parametrize(
    "machine",
    [
        "8.8.8.8", "127.0.0.1", "0.0.0.0", "169.254.169.254", "::1", "fe80::1", "::ffff:127.0.0.1", "100.64.0.1",
        "2001:db8::1", "224.0.0.1", "192.0.2.1", "::ffff:8.8.8.8",
    ],
)  # fmt: skip
def test_a_name_that_means_a_machine_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    let_name_mean(monkeypatch, machine)
    with pytest.raises(PrinterAddressError, match="public"):
        find_machine(read_address(PrinterKind.IPP, "ipp://printer/"))


def test_a_name_with_one_machine_inside_and_one_outside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    let_name_mean(monkeypatch, "192.168.1.20", "8.8.8.8")
    with pytest.raises(PrinterAddressError, match="public"):
        find_machine(read_address(PrinterKind.IPP, "ipp://printer/"))


@pytest.mark.parametrize("machine", ["192.168.1.20", "::ffff:10.0.0.7", "fd00::7"])
def test_the_machine_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    let_name_mean(monkeypatch, machine)
    called = find_machine(read_address(PrinterKind.IPP, "ipp://printer/")).machine
    assert ip_address(called) == ip_address(machine)


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(PrinterAddressError, match="unknown"):
        find_machine(read_address(PrinterKind.IPP, "ipp://nowhere/"))
