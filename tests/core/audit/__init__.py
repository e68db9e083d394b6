"""Tests of the audit trail and its chain."""
