"""Versions of rules: what changed, who approved, what is to be published when, and back again in one click."""
