"""PostgreSQL and Valkey of our own, under the data folder, for whoever brings none."""
