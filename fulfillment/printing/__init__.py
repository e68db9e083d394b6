"""Waves and their papers: freeze, units, copies, print files, reprints."""
