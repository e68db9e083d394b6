"""Orders and products from CSV and Excel files, through the tabular intake."""
