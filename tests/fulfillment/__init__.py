"""Shipments, waves, benches and hand-over."""
