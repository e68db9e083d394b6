"""What Alembic runs: all pending revisions and the security step in one transaction, one process at a time."""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from app.metadata import load_metadata
from app.migrations.security import secure
from core.db import get_url

MIGRATION_LOCK = 7_302_000


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=load_metadata(), compare_type=True, compare_server_default=True
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()
        if context.config.attributes.get("secure"):
            secure(connection)


engine = create_engine(context.config.attributes.get("url") or get_url(), poolclass=NullPool)
with engine.connect() as opened:
    run(opened)
