"""Where a demo keeps its data, and how far its seeding came: a file of its own in the data folder."""

import json
import shutil
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from app.demo.shop_setup import DemoShop
from core.errors import ConflictError

MARKER: Final = "demo.json"


class Progress(StrEnum):
    """SEEDING: begun and perhaps broken off; SEEDED: everything but today's orders; OPEN: those as well."""

    SEEDING = "seeding"
    SEEDED = "seeded"
    OPEN = "open"


class ForeignFolderError(ConflictError):
    code = "not_a_demo"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds something else than a demo: name an empty or new folder with --data.")


@dataclass(frozen=True)
class DemoState:
    """`shop` is known once it was made; it holds the webhook secret, so only the owner may read the file."""

    kind: str
    progress: Progress
    shop: DemoShop | None = None


def read_state(folder: Path) -> DemoState | None:
    try:
        found = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    shop = found["shop"]
    if shop is not None:
        shop = DemoShop(**{**shop, "shop_id": UUID(shop["shop_id"]), "warehouse_id": UUID(shop["warehouse_id"])})
    return DemoState(found["kind"], Progress(found["progress"]), shop)


def write_state(folder: Path, state: DemoState) -> None:
    draft = folder / f"{MARKER}.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(state), default=str), encoding="utf-8")
    draft.replace(folder / MARKER)


def prepare_folder(folder: Path, kind: str) -> DemoState:
    """Return how far the demo in this folder is; begins a new one in an empty folder, and anew where one broke off.

    Raises ForeignFolderError for a folder that holds anything but a demo of this kind.
    """
    state = read_state(folder)
    if state is not None and state.progress is Progress.SEEDING:
        shutil.rmtree(folder)
        state = None
    if state is None:
        if folder.exists() and any(folder.iterdir()):
            raise ForeignFolderError(folder)
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        state = DemoState(kind, Progress.SEEDING)
        write_state(folder, state)
    if state.kind != kind:
        raise ForeignFolderError(folder)
    return state
