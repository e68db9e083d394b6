"""Composition root: web app, worker, command line, migrations, demo, wiring of events."""
