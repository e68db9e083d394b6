"""`soegaki demo`, in a process of its own: sample data needs packages that nothing else loads."""

import argparse
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from app.cli import run_command
from app.commands.serve import supervise
from app.console import say
from app.demo.days import DemoDay, fill_inbox, plan_day, seed_day
from app.demo.first_day import local_address, open_shop
from app.demo.folders import DemoState, Progress, prepare_folder, write_state
from app.demo.once import Inbox, Stages, run_day
from app.demo.server import find_free_port
from app.demo.shop_setup import PASSWORD, PLANS, SIGN_INS, DemoShop, add_people, make_shop
from app.program import running_program
from core.errors import ConflictError
from core.settings import Environment, get_settings

# So many orders are in when the demo opens.
FIRST_ORDERS = 60
# So many of the volume shop are worked when nobody says which and how many.
QUICK_LOOK = 200


class ProductionError(ConflictError):
    code = "production"

    def __init__(self) -> None:
        super().__init__("The demo has passwords that everybody knows: it does not run in production.")


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read what `soegaki demo` passes on; people see the help of that command."""
    parser = argparse.ArgumentParser(prog="soegaki demo", add_help=False)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--orders", type=int)
    parser.add_argument("--shop", choices=list(PLANS))
    parser.add_argument("--data", type=Path)
    return parser.parse_args(arguments)


def run(arguments: Sequence[str]) -> None:
    """Open the demo, or run it once and print its counts."""
    given = read_arguments(arguments)
    if get_settings().environment is Environment.PRODUCTION:
        raise ProductionError
    if not given.once:
        folder = given.data or get_settings().data_dir / "demo"
        _stay_open(given.shop or "face", folder, given.orders or FIRST_ORDERS)
        return
    count = given.orders if given.orders or given.shop else QUICK_LOOK
    result = _run_once(plan_day(given.shop or "volume", count, datetime.now(UTC)), given.data)
    print(json.dumps(result, ensure_ascii=False) if given.as_json else _lay_out(result), flush=True)


def _configure(**values: object) -> None:
    """Set what this process and its children go by; before anything has asked for the time or the settings."""
    os.environ.update({f"SOEGAKI_{name.upper()}": str(value) for name, value in values.items()})
    get_settings.cache_clear()


def _be_quiet() -> None:
    """Log only what goes wrong, unless the caller wants otherwise: the screen is for the demo's own words."""
    if "log_level" not in get_settings().model_fields_set:
        _configure(log_level="WARNING")


def _run_once(day: DemoDay, data: Path | None) -> dict[str, Any]:
    stages = Stages(lambda words: say(words, words))
    port = find_free_port()
    base_url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soegaki-demo-")))
        prepare_folder(folder, day.kind)
        _configure(data_dir=folder, web_port=port, base_url=base_url, clock_offset_seconds=day.offset_seconds)
        _be_quiet()
        stack.enter_context(running_program(migrating=True))
        shop = _make_shop(day)

        def prepare() -> Inbox:
            seed_day(day, shop)
            write_state(folder, DemoState(day.kind, Progress.SEEDED, shop))
            return fill_inbox(day)

        return run_day(shop, prepare, base_url=base_url, folder=folder, stages=stages)


def _make_shop(day: DemoDay) -> DemoShop:
    shop = make_shop(PLANS[day.kind], secret=secrets.token_urlsafe(32))
    add_people(shop)
    return shop


def _seed(day: DemoDay, folder: Path) -> DemoShop:
    shop = _make_shop(day)
    seed_day(day, shop)
    write_state(folder, DemoState(day.kind, Progress.SEEDED, shop))
    return shop


def _stay_open(kind: str, folder: Path, orders: int) -> None:
    state = prepare_folder(folder, kind)
    day = plan_day(kind, orders, datetime.now(UTC))
    _configure(data_dir=folder, clock_offset_seconds=day.offset_seconds)
    _be_quiet()
    if "base_url" not in get_settings().model_fields_set:
        _configure(base_url=local_address())
    shops = [state.shop] if state.shop else []

    def prepare() -> None:
        if not shops:
            say("見本データを用意しています…", "Preparing the sample data …")
            shops.append(_seed(day, folder))

    def greet() -> None:
        _say_sign_ins()
        if state.progress is not Progress.OPEN:
            open_shop(shops[0], fill_inbox(day), folder, lambda: _finish(kind, folder, shops[0]))

    supervise(prepare, greet)


def _finish(kind: str, folder: Path, shop: DemoShop) -> None:
    write_state(folder, DemoState(kind, Progress.OPEN, shop))
    say("見本の注文がそろいました。", "The sample orders are in.")


def _say_sign_ins() -> None:
    address = get_settings().base_url
    say(f"\n  {address} を開いてください(停止は Ctrl-C)\n", f"\n  Open {address} (Ctrl-C stops)\n")
    for sign_in in SIGN_INS:
        say(f"  {sign_in.email:<20} {PASSWORD}   {sign_in.title}", f"  {sign_in.email:<20} {PASSWORD}   {sign_in.role}")


def _lay_out(result: dict[str, Any]) -> str:
    return "\n".join(f"{name:26} {value}" for name, value in result.items())


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Asked to end, the demo ends in order: it stops what it started and removes what it made.
    signal.signal(signal.SIGTERM, _end)
    run_command(lambda: run(sys.argv[1:]))
