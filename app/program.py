"""The whole program around a command: the ground, and every package's events and jobs wired."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.ground import running_database
from app.wiring import wire


@contextmanager
def running_program(*, migrating: bool = False, patience: float = 0.0) -> Iterator[None]:
    """Run what `app.ground.running_database` runs, with the packages wired to each other."""
    wire()
    with running_database(migrating=migrating, patience=patience):
        yield
