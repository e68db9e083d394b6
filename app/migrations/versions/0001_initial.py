"""Every table as the models declare it. Until the first release it follows them; `make initial-revision` then writes it out."""

from alembic import op
from sqlalchemy import MetaData, Table

from app.metadata import load_metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def list_complete_tables(metadata: MetaData) -> list[Table]:
    """Leave out tables that refer to one not written yet."""
    names = set(metadata.tables)
    while True:
        complete = {
            name
            for name in names
            if all(key.target_fullname.rpartition(".")[0] in names for key in metadata.tables[name].foreign_keys)
        }
        if complete == names:
            return [metadata.tables[name] for name in names]
        names = complete


def upgrade() -> None:
    metadata = load_metadata()
    metadata.create_all(op.get_bind(), tables=list_complete_tables(metadata))


def downgrade() -> None:
    metadata = load_metadata()
    metadata.drop_all(op.get_bind(), tables=list_complete_tables(metadata))
