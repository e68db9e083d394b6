"""Printers that are simulated, and what becomes of papers sent to them."""
