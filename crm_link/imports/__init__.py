"""Customers and touchpoints from CSV and Excel files, through the tabular intake."""
