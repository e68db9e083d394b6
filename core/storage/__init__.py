"""Files: their records in the database, their bytes in a local folder or an object store."""
