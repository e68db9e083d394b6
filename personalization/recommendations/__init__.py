"""Products to recommend: bought together more often than by chance, fitted on what was known before."""
