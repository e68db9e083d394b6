"""Bringing a database up to date, and asking whether it is."""

import logging
import warnings
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, NullPool, create_engine

# Every look at the revision would be a line.
logging.getLogger("alembic").setLevel(logging.WARNING)
FOLDER = Path(__file__).resolve().parent


def make_config(url: URL, *, secure: bool = False) -> Config:
    """Return Alembic's configuration; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(url=url, secure=secure)
    return config


def migrate(url: URL) -> None:
    """Run every pending revision and the security step, in one transaction; does nothing when nothing is pending."""
    command.upgrade(make_config(url, secure=True), "head")


def check_models(url: URL) -> None:
    """Raise when the models say something that no revision does."""
    with warnings.catch_warnings():
        # Alembic tells that it cannot compare an index on an expression; such an index is written by hand anyway.
        warnings.simplefilter("ignore")
        command.check(make_config(url))


def find_head() -> str | None:
    """Return the newest revision of this program."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def find_revision(url: URL) -> str | None:
    """Return the revision of a database; None when it is empty."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
