"""Browser tests run where a Chromium is found, and say so where not; SOEGAKI_TESTS_INSIST=1 makes its absence fail."""

import os
import shutil

import pytest

from app.doctor.machine import BROWSERS

REASON = "No Chromium was found: browser tests are left out (Debian: apt-get install chromium, or set CHROMIUM)."


def find_chromium() -> str | None:
    """Return the path of a Chromium: the one that CHROMIUM names, or one of the usual names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here: browser tests without a browser, and the long proofs unless asked for."""
    proving = os.environ.get("SOEGAKI_PROVE") == "1"
    browser = find_chromium()
    if browser is None and os.environ.get("SOEGAKI_TESTS_INSIST") == "1":
        raise pytest.UsageError(REASON)
    if browser is None:
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason=REASON))
    if not proving:
        long = [item for item in items if "prove" in item.keywords]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if "prove" not in item.keywords]
