"""Gives a fresh demo shop its morning: some parcels already gone, a wave to pack, the rest waiting or held."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from app.demo.office import Office
from app.demo.once import Inbox, await_quiet, run_packer
from app.demo.organiser import Organiser
from app.demo.shop_setup import DemoShop, add_keys, add_organiser_key
from core.settings import get_settings

log = structlog.get_logger(__name__)
GONE: Final = 14
ON_THE_BENCH: Final = 12
INVOICES: Final = 3


def local_address() -> str:
    """Return where this machine finds the program, whatever its public address is."""
    settings = get_settings()
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.web_host, settings.web_host)  # noqa: S104 (asked only)
    return f"http://{host}:{settings.web_port}"


def open_shop(shop: DemoShop, inbox: Inbox, folder: Path, done: Callable[[], None]) -> threading.Thread:
    """Play the morning beside the running program, in the thread that is returned; `done` is called when it is over."""
    thread = threading.Thread(target=_play_while_open, args=(shop, inbox, folder, done), name="first-day", daemon=True)
    thread.start()
    return thread


def _play_while_open(shop: DemoShop, inbox: Inbox, folder: Path, done: Callable[[], None]) -> None:
    try:
        _play(shop, inbox, folder, done)
    except Exception as error:  # noqa: BLE001 (logged by its kind)
        # Mostly somebody closed the shop before the morning was over: whatever fails then is no news to them.
        log.warning("demo.cut_short", error=type(error).__name__)


def _play(shop: DemoShop, inbox: Inbox, folder: Path, done: Callable[[], None]) -> None:
    base_url = local_address()
    operator_key, packer_key = add_keys(shop, "morning")
    office = Office(base_url, operator_key, shop)
    office.send_messages(inbox.first)
    await_quiet(shop.shop_id)
    gone = office.print_wave(GONE)
    office.print_wave(ON_THE_BENCH)
    office.send_messages(inbox.later)
    await_quiet(shop.shop_id)
    assignment = {
        "base_url": base_url,
        "key": packer_key,
        "shop": shop.slug,
        "wave_ids": [gone] if gone else [],
        "trays": [],
        "shelf": dict(inbox.shelf),
        "seed": 1,
    }
    report = run_packer(folder, assignment)
    office.issue_invoices(INVOICES)
    if inbox.tour is not None:
        Organiser(base_url, add_organiser_key(shop, "morning"), shop).prepare_tour(inbox.tour)
    log.info("demo.opened", parcels=report["handed_over"])
    done()
