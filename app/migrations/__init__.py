"""How the database gets its tables: Alembic revisions, then roles, grants and row-level policies."""
