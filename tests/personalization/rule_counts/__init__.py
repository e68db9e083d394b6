"""Tests of the daily counters of rules."""
