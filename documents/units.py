"""Lengths: templates are in millimetres, PDF in points."""

from typing import Final

MM: Final = 72 / 25.4
