"""Tests of the tabular intake."""
