"""What no committed file may say: where packages come from, and where somebody's checkout lies."""

import re
from typing import Final

from tests.architecture.sources import ROOT, list_files

# Written in pieces, or this file would be the first to be found.
HOSTS: Final = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".",
    "yarnpkg" + ".",
    "deb.debian" + ".",
    "proxy.golang" + ".",
)
PATHS: Final = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/[\w.]")
BINARY: Final = {".png", ".jpg", ".ico", ".woff2", ".ttf", ".xlsx", ".pdf", ".wav", ".mp3", ".webp", ".gz", ".parquet"}


def find_lines(is_wrong: "re.Pattern[str]") -> list[str]:
    found = []
    for path in list_files():
        if path.suffix in BINARY:
            continue
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        found += [f"{path}:{number}" for number, line in enumerate(text.splitlines(), 1) if is_wrong.search(line)]
    return found


def test_no_file_names_a_registry() -> None:
    """Locks without addresses work with any mirror; with one they work in one place."""
    assert not find_lines(re.compile("|".join(map(re.escape, HOSTS))))


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not find_lines(PATHS)


def test_the_lock_of_the_front_end_resolves_nowhere_in_particular() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_every_locked_python_package_has_its_hashes() -> None:
    for path in ROOT.glob("requirements*.txt"):
        name = path.name
        entries = (ROOT / name).read_text(encoding="ascii").replace("\\\n", " ").splitlines()
        assert all("--hash=sha256:" in entry for entry in entries if entry.strip()), name
