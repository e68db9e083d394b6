"""Builders of test data; every argument has a sensible default."""
