"""Measurements: each `python -m bench.NAME --json` ends with one JSON object on its last line."""
