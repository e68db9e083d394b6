"""Experiments: who gets which arm, what came of it, and whether an insert pays for itself."""
