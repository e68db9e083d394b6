"""The tablet on the packing bench: loads a wave, shows parcels, sends scans. It talks to the program by HTTP only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import httpx

# The most that one request may hold.
LARGEST_BATCH: Final = 200
COPY_KINDS: Final = frozenset({"slip", "document", "label"})


@dataclass(frozen=True)
class ShownUnit:
    """One line of the screen: what to put in, and how many. Its barcodes are not shown."""

    id: str
    kind: str
    name: str
    sku: str | None
    quantity: int
    codes: frozenset[str]  # Of copies only: the tablet matches what was scanned, the packer does not look at it.


@dataclass(frozen=True)
class ShownParcel:
    id: str
    number: str
    shipment_id: str
    standing: str
    units: tuple[ShownUnit, ...]

    def is_slip(self, code: str) -> bool:
        """Return whether a copy of this parcel is its slip: the only paper that opens it."""
        return any(code in unit.codes for unit in self.of_kinds("slip"))

    def of_kinds(self, *kinds: str) -> list[ShownUnit]:
        return [unit for unit in self.units if unit.kind in kinds]


@dataclass(frozen=True)
class Reading:
    """A scan as it is sent. `by_hand` names a unit that is confirmed without a barcode."""

    parcel_id: str | None
    text: str = ""
    by_hand: str | None = None
    id: str = field(default_factory=lambda: str(uuid4()))
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"id": self.id, "at": self.at, "parcel_id": self.parcel_id}
        return plain | ({"unit_id": self.by_hand, "reason": "包装を確認"} if self.by_hand else {"text": self.text})


@dataclass(frozen=True)
class Answer:
    outcome: str
    parcel_id: str | None


@dataclass(frozen=True)
class PrintedFile:
    id: str
    kind: str
    part: int | None


def read_code(text: str) -> str:
    """Return the code in the address that a symbol holds."""
    return text.rsplit("/c/", 1)[-1][:13].upper()


def show_parcel(found: dict[str, Any]) -> ShownParcel:
    units = tuple(
        ShownUnit(
            unit["id"],
            unit["kind"],
            unit["name"],
            unit["sku"],
            unit["quantity"],
            frozenset(unit["keys"] if unit["kind"] in COPY_KINDS else ()),
        )
        for unit in found["units"]
    )
    return ShownParcel(found["id"], found["number"], found["shipment_id"], found["standing"], units)


class Bench:
    """`parcels` are those of the loaded wave in packing order."""

    def __init__(self, base_url: str, key: str, shop: str) -> None:
        headers = {"Authorization": f"Bearer {key}", "Soegaki-Shop": shop}
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=60.0)
        self.parcels: list[ShownParcel] = []
        self._by_code: dict[str, tuple[ShownParcel, ShownUnit]] = {}
        self.void: frozenset[str] = frozenset()

    def get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()

    def download(self, print_file_id: str) -> bytes:
        return self._client.get(f"/api/print-files/{print_file_id}").raise_for_status().content

    def list_files(self, wave_id: str) -> list[PrintedFile]:
        """Return the files of a wave, part by part."""
        prints = sorted(self.get(f"/api/waves/{wave_id}/prints"), key=lambda printing: printing["part"] or 0)
        return [
            PrintedFile(file["id"], file["kind"], printing["part"]) for printing in prints for file in printing["files"]
        ]

    def load_wave(self, wave_id: str) -> None:
        found = self.get(f"/api/bench/waves/{wave_id}")
        self.parcels = [show_parcel(parcel) for parcel in found["parcels"]]
        self.void = frozenset(found["void"])
        self._by_code = {}
        for parcel in self.parcels:
            self._index(parcel)

    def _index(self, parcel: ShownParcel) -> None:
        for unit in parcel.units:
            for code in unit.codes:
                self._by_code[code] = (parcel, unit)

    def find(self, text: str) -> tuple[ShownParcel, ShownUnit] | None:
        """Return the parcel and unit of a scanned copy, if the tablet knows it."""
        return self._by_code.get(read_code(text))

    def look_up(self, text: str) -> ShownParcel | None:
        """Ask the program about a copy that the tablet does not hold."""
        answer = self._client.get(f"/api/bench/parcels/by-code/{read_code(text)}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        return show_parcel(answer.raise_for_status().json()["parcel"])

    def send(self, readings: Sequence[Reading]) -> list[Answer]:
        """Send scans in order, as many requests as it takes; returns what the program said to each."""
        return [answer for batch in _split(readings) for answer in self._post(batch)]

    def _post(self, batch: Sequence[Reading]) -> Iterable[Answer]:
        body = {"scans": [reading.to_json() for reading in batch]}
        results = self._client.post("/api/bench/scans", json=body).raise_for_status().json()["results"]
        return [Answer(result["outcome"], result["parcel_id"]) for result in results]

    def hand_over(self, **chosen: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._client.post("/api/hand-overs", json=chosen).raise_for_status().json()
        return found


def _split(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    for start in range(0, len(readings), LARGEST_BATCH):
        yield readings[start : start + LARGEST_BATCH]
