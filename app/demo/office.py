"""What the office and the web shop do in a run, over HTTP as they would: webhooks, waves, holds, reprints."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Final
from zlib import crc32

import httpx

from app.demo.shop_setup import DemoShop
from app.demo.shopify_payloads import Delivery, Message, sign_delivery

WAVE_SIZE: Final = 500
LANES: Final = 4
FEW: Final = 200
STIR_EVERY: Final = 500
PATIENCE: Final = 1_800.0


class Office:
    """`key` is an operator's. Every refusal of the program is an error here: the office does nothing wrong."""

    def __init__(self, base_url: str, key: str, shop: DemoShop) -> None:
        headers = {"Authorization": f"Bearer {key}", "Soegaki-Shop": shop.slug}
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=120.0)
        self.shop = shop

    def send_messages(self, messages: Sequence[Message]) -> int:
        """Sign and post webhooks, each answered with success. Returns how many.

        Many are sent side by side, as a shop does; those of one buyer keep their order: every run decides alike.
        """
        lanes: dict[int, list[Message]] = defaultdict(list)
        for message in messages:
            buyer = str(message.content.get("email") or message.content.get("order_id"))
            lanes[crc32(buyer.encode()) % (LANES if len(messages) > FEW else 1)].append(message)
        with ThreadPoolExecutor(LANES) as pool:
            return sum(pool.map(self._send_lane, lanes.values()))

    def _send_lane(self, messages: Sequence[Message]) -> int:
        sent_at = datetime.now(UTC)
        for m in messages:
            self._post(
                sign_delivery(
                    m.topic, m.content, secret=self.shop.secret, shop_domain=self.shop.domain, sent_at=sent_at
                )
            )
        return len(messages)

    def _post(self, delivery: Delivery) -> None:
        self._client.post(self.shop.hook_path, content=delivery.body, headers=delivery.headers).raise_for_status()

    def print_waves(self) -> list[str]:
        """Gather everything that may go into waves and print them, one after the other; returns the waves."""
        waves = []
        while (wave_id := self.print_wave(WAVE_SIZE)) is not None:
            waves.append(wave_id)
        return waves

    def print_wave(self, limit: int) -> str | None:
        """Gather and print one wave of at most so many parcels; returns it, or None when nothing may go."""
        wave_id = self._gather(limit)
        if wave_id is not None:
            self._client.post(f"/api/waves/{wave_id}/print").raise_for_status()
            self._await_printed(wave_id)
        return wave_id

    def _gather(self, limit: int) -> str | None:
        answer = self._client.post("/api/waves", json={"limit": limit})
        if answer.is_success:
            return str(answer.json()["id"])
        if answer.status_code == httpx.codes.CONFLICT:
            return None
        raise RuntimeError(f"A wave could not be gathered: {answer.status_code} {answer.text}")

    def _await_printed(self, wave_id: str) -> None:
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            if self._client.get(f"/api/waves/{wave_id}").raise_for_status().json()["state"] == "printed":
                return
            sleep(0.4)
        raise TimeoutError(f"Wave {wave_id} was not printed in {PATIENCE:.0f} s.")

    def find_printed(self, numbers: Sequence[str], count: int) -> list[str]:
        """Return the printed shipments of the first orders that have any, at most `count`."""
        found: list[str] = []
        for number in numbers:
            parameters = {"text": number, "state": "printed"}
            answer = self._client.get("/api/shipments", params=parameters).raise_for_status()
            found += [row["id"] for row in answer.json()][:1]
            if len(found) >= count:
                break
        return found

    def issue_invoices(self, count: int) -> list[str]:
        """Issue simplified invoices (適格簡易請求書) for so many of the printed shipments, as customers ask for them;
        returns their numbers.
        """
        answer = self._client.get("/api/shipments", params={"state": "printed"}).raise_for_status()
        numbers: list[str] = []
        for row in answer.json()[:count]:
            body = {"kind": "simplified_invoice"}
            issued = self._client.post(f"/api/shipments/{row['id']}/invoices", json=body).raise_for_status()
            numbers += [str(invoice["number"]) for invoice in issued.json()]
        return numbers

    def hold(self, shipment_ids: Sequence[str]) -> None:
        for shipment_id in shipment_ids:
            body = {"note": "お客様から確認のお電話"}
            self._client.post(f"/api/shipments/{shipment_id}/hold", json=body).raise_for_status()

    def cancel(self, shipment_ids: Sequence[str]) -> None:
        for shipment_id in shipment_ids:
            self._client.post(f"/api/shipments/{shipment_id}/cancel").raise_for_status()

    def reprint(self, shipment_ids: Sequence[str]) -> list[str]:
        """Print these again; returns the print files with the new papers."""
        files = []
        for shipment_id in shipment_ids:
            body = {"reason": "紙詰まり"}
            answer = self._client.post(f"/api/shipments/{shipment_id}/reprint", json=body).raise_for_status()
            files += [str(file["id"]) for file in answer.json()["files"]]
        return files


@dataclass(frozen=True)
class OfficeDay:
    """What the office did after printing, for the packer to stumble over."""

    trays: list[str]
    held: int
    cancelled: int


def stir(office: Office, numbers: Sequence[str]) -> OfficeDay:
    """Of every so many orders hold two, cancel one and print two again, in their order: the same ones in every run."""
    trays: list[str] = []
    held = cancelled = 0
    for start in range(0, len(numbers), STIR_EVERY):
        shipments = office.find_printed(numbers[start : start + STIR_EVERY], 5)
        office.hold(shipments[:2])
        office.cancel(shipments[2:3])
        trays += office.reprint(shipments[3:])
        held, cancelled = held + len(shipments[:2]), cancelled + len(shipments[2:3])
    return OfficeDay(trays, held, cancelled)
