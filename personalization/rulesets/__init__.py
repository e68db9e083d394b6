"""Rulesets as checked values: rules, actions, limits, and the catalogue they are checked against."""
