"""Every carrier layout we ship. Adding one means adding a folder and a line here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fulfillment.carriers.generic import mapping as generic
from fulfillment.carriers.generic.mapping import CarrierRow, TrackingRow


@dataclass(frozen=True)
class CarrierLayout:
    """`write` makes the file of parcels; `read` takes tracking numbers from the table that came back."""

    slug: str
    write: Callable[[Iterable[CarrierRow]], bytes]
    read: Callable[[Sequence[str], Iterable[tuple[int, Sequence[str]]]], list[TrackingRow]]


CARRIERS: Mapping[str, CarrierLayout] = {
    "generic": CarrierLayout("generic", generic.write_rows, generic.read_rows),
}
