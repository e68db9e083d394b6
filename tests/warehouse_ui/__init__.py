"""Tests of the screens, through HTTP."""
