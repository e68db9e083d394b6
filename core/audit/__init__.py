"""The record of who did what: entries appended without a lock, chained by a sealer, verified by a command."""
