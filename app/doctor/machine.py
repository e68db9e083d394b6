"""The machine: Python, data folder, disk, what the build made, and a browser for the tests."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from app.console import choose
from app.doctor.findings import Finding, bad, good, note
from core.settings import Environment, Settings

OLDEST_PYTHON: Final = (3, 11)
LITTLE_SPACE: Final = 2 * 1024**3
TOO_LITTLE_SPACE: Final = 200 * 1024**2
PACKAGES: Final = Path(__file__).resolve().parents[2]
FONT_FILES: Final = 6
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return bad("python", text, choose("Python 3.11 以上を使ってください。", "Use Python 3.11 or newer."))
    return good("python", text)


def check_data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.expanduser()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        advice = choose(
            f"{existing} に書き込めるようにするか、SOEGAKI_DATA_DIR を変えてください。",
            f"Make {existing} writable, or set SOEGAKI_DATA_DIR to another folder.",
        )
        return bad("data_folder", choose(f"{folder} に書き込めません", f"{folder} cannot be written"), advice)
    return good("data_folder", str(folder))


def check_space(settings: Settings) -> Finding:
    folder = settings.data_dir.expanduser()
    free = shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
    found = choose(f"空き {free / 1024**3:.1f} GiB", f"{free / 1024**3:.1f} GiB free")
    advice = choose("データフォルダーのディスクを空けてください。", "Make room on the disk of the data folder.")
    if free < TOO_LITTLE_SPACE:
        return bad("disk", found, advice)
    return note("disk", found, advice) if free < LITTLE_SPACE else good("disk", found)


def check_front_end(packages: Path = PACKAGES) -> Finding:
    if not (packages / "warehouse_ui" / "static" / "htmx.js").exists():
        found = choose("画面のスクリプトがまだ作られていません", "The scripts of the screens are not built")
        return bad("front_end", found, choose("`make setup` を実行してください。", "Run `make setup`."))
    return good("front_end", choose("作成済み", "built"))


def check_fonts(packages: Path = PACKAGES) -> Finding:
    fonts = sorted(packages.glob("documents/fonts/files/*.ttf"))
    if len(fonts) < FONT_FILES:
        found = choose(
            f"書体が {len(fonts)} / {FONT_FILES} しかありません", f"Only {len(fonts)} of {FONT_FILES} fonts are there"
        )
        return bad("fonts", found, choose("`make setup` を実行してください。", "Run `make setup`."))
    return good("fonts", choose(f"{len(fonts)} 書体", f"{len(fonts)} fonts"))


def check_secret(settings: Settings) -> Finding:
    if settings.secret_key is None and settings.environment is not Environment.PRODUCTION:
        found = choose("データフォルダーの中で自動生成したものを使います", "One made in the data folder is used")
        advice = choose(
            "本番では SOEGAKI_SECRET_KEY_FILE を指定し、バックアップとは別に保管してください。",
            "In production set SOEGAKI_SECRET_KEY_FILE and keep it apart from the backups.",
        )
        return note("secret_key", found, advice)
    return good("secret_key", choose("設定済み", "set"))


def check_browser() -> Finding:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        found = choose("Chromium がありません", "There is no Chromium")
        advice = choose(
            "利用には不要です。ブラウザーのテストだけが省かれます (Debian: apt-get install chromium)。",
            "Not needed for use; only browser tests are left out (Debian: apt-get install chromium).",
        )
        return note("chromium", found, advice)
    return good("chromium", path)
