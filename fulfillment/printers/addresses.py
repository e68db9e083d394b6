"""Where a printer may stand: an address in a private network. What a name means is looked up, checked, and kept."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from core.settings import get_settings
from fulfillment.printers.errors import PrinterAddressError
from fulfillment.printers.models import PrinterKind

_PORTS: Final = {"ipp": 631, "ipps": 631, "zpl": 9100}
_LONGEST = 300
AnyAddress = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Address:
    """`scheme` is ipp, ipps or zpl."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def uri(self) -> str:
        """Return the printer's own name for itself, as IPP wants it (RFC 3510)."""
        return f"{self.scheme}://{self._shown}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        return f"{self._shown}:{self.port}"

    @property
    def _shown(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True)
class Target:
    """An address and the one machine it means, settled before anything is sent: a name cannot turn elsewhere later."""

    address: Address
    machine: str


def read_address(kind: PrinterKind, text: str) -> Address:
    """Read `ipp://host/path`, `ipps://…`, or for ZPL `host` or `host:port`. Raises PrinterAddressError."""
    given = text.strip()
    if not given or len(given) > _LONGEST or any(character.isspace() for character in given):
        raise PrinterAddressError("malformed")
    if kind is PrinterKind.ZPL and "://" not in given:
        given = f"zpl://{given}"
    return _split(given, ("zpl",) if kind is PrinterKind.ZPL else ("ipp", "ipps"))


def _split(given: str, schemes: Iterable[str]) -> Address:
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        raise PrinterAddressError("malformed") from None
    if parts.scheme not in schemes:
        raise PrinterAddressError("scheme")
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise PrinterAddressError("malformed")
    return Address(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path)


def find_machine(address: Address) -> Target:
    """Look a printer up. Every machine its name means has to stand in a permitted network.

    Raises PrinterAddressError: `unknown` (no such name), `public` (elsewhere).
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError:
        raise PrinterAddressError("unknown") from None
    machines = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not machines or not all(map(is_permitted, machines)):
        raise PrinterAddressError("public")
    return Target(address, str(machines[0]))


def is_permitted(machine: AnyAddress) -> bool:
    """Say whether a machine stands in one of the networks of the setting `printer_networks`."""
    plain: AnyAddress = getattr(machine, "ipv4_mapped", None) or machine
    networks = [ip_network(text.strip()) for text in get_settings().printer_networks.split(",") if text.strip()]
    return any(plain.version == network.version and plain in network for network in networks)
