"""Splitting and merging shipments whose papers are not printed: acts of a person, undone by their opposites."""
