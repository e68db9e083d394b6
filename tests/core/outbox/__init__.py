"""Tests of outgoing messages."""
