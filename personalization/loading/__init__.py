"""Facts from the tables: one request table in, one column per question out, set by set."""
