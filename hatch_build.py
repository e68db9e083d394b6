"""Puts the built front end and the fonts into the wheel; hatchling calls it.

For a checkout that is only linked it does nothing: `make setup` builds there.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FONTS = ROOT / "documents" / "fonts" / "files"


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (its base says so)
        if version == "editable" or self.target_name != "wheel":
            return
        sys.path.insert(0, str(ROOT))
        importlib.import_module("frontend").build()
        if not list(FONTS.glob("*.ttf")):
            raise RuntimeError(f"The build made no fonts in {FONTS}.")
