"""Tests of signing in and of permission."""
