"""Doors that orders come through: one folder each, one dictionary in `registry`, one shared test."""
