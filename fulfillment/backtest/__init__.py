"""Backtests: a draft of rules against the live ones over past shipments, writing nothing that anybody packs by."""
