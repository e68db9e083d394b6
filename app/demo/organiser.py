"""What an organiser hands in before anything is released, over HTTP: event, recordings, sessions, three lists."""

from time import monotonic, sleep
from typing import Any, Final

import httpx

from app.demo.face_event import EVENT_KEY, EVENT_NAME, TourFiles
from app.demo.face_people import SOURCE
from app.demo.shop_setup import DemoShop

PATIENCE: Final = 300.0


class Organiser:
    """`key` is an organiser's. Every refusal of the program is an error here."""

    def __init__(self, base_url: str, key: str, shop: DemoShop) -> None:
        headers = {"Authorization": f"Bearer {key}", "Soegaki-Shop": shop.slug}
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=120.0)

    def prepare_tour(self, files: TourFiles) -> None:
        """Hand in everything and let it be read; rows that need a person are left to one."""
        name, name_en = EVENT_NAME
        event = {"key": EVENT_KEY, "name": name, "name_en": name_en, "member_source": SOURCE}
        self._post("/api/events", json=event)
        self._hand_in("products", files.products, {})
        self._hand_in("fulfillment.sessions", files.sessions, {"event": EVENT_KEY})
        for kind, file_name, data in files.lists:
            self._hand_in("fulfillment.attendees", (file_name, data), {"event": EVENT_KEY, "list": kind})

    def _hand_in(self, importer: str, file: tuple[str, bytes], options: dict[str, str]) -> None:
        received = self._post("/api/uploads", data={"importer": importer}, files={"file": file})
        upload_id = received["upload"]["id"]
        self._post(f"/api/uploads/{upload_id}/start", json={"options": options})
        deadline = monotonic() + PATIENCE
        while self._get(f"/api/uploads/{upload_id}")["state"] == "running":
            if monotonic() > deadline:
                raise TimeoutError(f"{file[0]} is not read.")
            sleep(0.1)

    def _post(self, path: str, **body: Any) -> Any:
        return self._client.post(path, **body).raise_for_status().json()

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()
