"""Tests of experiments and measurement."""
