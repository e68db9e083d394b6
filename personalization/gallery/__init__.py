"""Proven rules to start from: what each is for, what it needs, and the document it becomes."""
