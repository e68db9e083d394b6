"""Tests of models and what they foretell."""
