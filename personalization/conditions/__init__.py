"""The condition tree: parsing, evaluation over a batch, explanation of one row."""
