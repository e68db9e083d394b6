"""The law as tables of each shop: limits of gifts, with dates and sources; the built-in ones are the start."""
