"""How pages are looked at: language, light or dark, phone or not. The first look in every run, all in `make prove`."""

from typing import Final

import pytest

LOOKS: Final = (
    ("ja", "light", False),
    pytest.param("en", "dark", False, marks=pytest.mark.prove),
    pytest.param("ja", "dark", True, marks=pytest.mark.prove),
)
