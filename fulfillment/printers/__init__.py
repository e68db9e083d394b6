"""Printers of a warehouse, and what was printed on them: where they are, how exact they are, files sent to them."""
