"""Tests of versions: differences, releases, approval, schedule."""
