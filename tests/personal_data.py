"""Looking for a person's data in the whole database: what any package uses to prove that erasing reaches its columns.

Give every personal value of the person a marker; before erasing, `find_columns(marker)` must name the columns you
mean to
test, and afterwards none at all.
"""

from sqlalchemy import text

from app.metadata import load_metadata
from core.db import Base, system_scope


def list_personal_columns(*prefixes: str) -> set[str]:
    """Return "table.column" of everything declared PERSONAL in the tables defined by these packages."""
    load_metadata()
    return {
        f"{mapper.class_.__tablename__}.{column.name}"
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(prefixes)
        for column in mapper.local_table.columns
        if column.info.get("personal")
    }


def find_columns(marker: str) -> set[str]:
    """Return "table.column" of every column of any table in which the marker can be read."""
    with system_scope() as session:
        return {
            f"{table.name}.{column.name}"
            for table in load_metadata().sorted_tables
            for column in table.columns
            if session.execute(
                text(f'SELECT EXISTS (SELECT FROM "{table.name}" WHERE "{column.name}"::text LIKE :like)'),
                {"like": f"%{marker}%"},
            ).scalar_one()
        }
