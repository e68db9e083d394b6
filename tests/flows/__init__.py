"""Whole flows, through HTTP."""
