"""A plain CSV that any carrier's program can be taught to read."""
