"""The bench: units to be put into a box, scans that prove it, exceptions set aside."""
