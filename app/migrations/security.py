"""Roles, grants and row-level security, brought up to date after every upgrade so that no new table can be forgotten.

A table with `shop_id` shows the program only rows of the shops that its transaction names, and takes no others.
"""

import hashlib
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from app.metadata import load_metadata
from core.db import APP_ROLE, SYSTEM_ROLE
from fulfillment.guards import GUARDS

# `nullif`: after a transaction that named shops the setting is an empty text, not absent. `SELECT`: read once per
# statement instead of once per row (1 million touchpoints: 1.2 s instead of 2.8 s); equality uses its index either way.
NAMED_SHOPS: Final = "ANY ((SELECT nullif(current_setting('app.shop_ids', true), '')::uuid[])::uuid[])"
SHOP_POLICY: Final = "shop_rows"
SYSTEM_POLICY: Final = "every_row"
# What is recorded there stays as it was recorded.
APPEND_ONLY: Final = {
    "audit_entries": ("UPDATE (seal_number)", SYSTEM_ROLE),
    "audit_seals": None,
    # The words of a person go with the person; the proof stays.
    "scans": ("UPDATE (reason)", APP_ROLE),
}
# Bears the digest of the step that was done last.
STAMPED: Final = "alembic_version"
ROLE_LOCK: Final = 7_302_001


def secure(connection: Connection) -> None:
    """Create roles, grant what they need, and put the policies on every table; repeating it changes nothing."""
    _create_roles(connection)
    tables = _list_tables(connection)
    stamp = _stamp(connection, tables)
    if stamp == _read_stamp(connection):
        # Altering tables locks them against everybody: not at every start, beside a program that is at work.
        return
    _grant(connection)
    for table, column in _list_shop_tables(connection):
        _secure_table(connection, table, column)
    if set(load_metadata().tables) <= tables:
        for guard in GUARDS:
            connection.exec_driver_sql(guard.replace("%", "%%"))
    if STAMPED in tables:
        connection.exec_driver_sql(f"COMMENT ON TABLE {STAMPED} IS '{stamp}'")


def _stamp(connection: Connection, tables: set[str]) -> str:
    """Return a digest of what this step would do: this module's text, the guards, and the tables it would do it to."""
    marked = (f"{name} {sorted(declared.info)}" for name, declared in load_metadata().tables.items())
    parts = (
        Path(__file__).read_text(encoding="utf-8"),
        *GUARDS,
        *sorted(marked),
        *sorted(tables),
        *map(str, _list_shop_tables(connection)),
    )
    return "secured " + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _read_stamp(connection: Connection) -> str | None:
    found: str | None = connection.execute(
        text("SELECT obj_description(to_regclass(:table), 'pg_class')"), {"table": STAMPED}
    ).scalar_one()
    return found


def _create_roles(connection: Connection) -> None:
    # Roles belong to the whole server: two databases set up at once would collide.
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ROLE_LOCK})
    for role in (APP_ROLE, SYSTEM_ROLE):
        known = connection.execute(
            text("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}
        )
        found = known.one_or_none()
        if found is None:
            connection.exec_driver_sql(
                f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        elif found[0]:
            raise PermissionError(
                f"The role {role} can bypass row-level security: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS"
            )
        is_member = text("SELECT pg_has_role(current_user, :role, 'SET')")
        if not connection.execute(is_member, {"role": role}).scalar_one():
            connection.exec_driver_sql(f"GRANT {role} TO CURRENT_USER")


def _grant(connection: Connection) -> None:
    roles = f"{APP_ROLE}, {SYSTEM_ROLE}"
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {roles}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {roles}")
    connection.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {roles}")
    connection.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {roles}")
    existing = _list_tables(connection)
    for table, allowed in APPEND_ONLY.items():
        if table in existing:
            connection.exec_driver_sql(f"REVOKE UPDATE, DELETE ON {table} FROM {roles}")
        if allowed:
            privilege, role = allowed
            connection.exec_driver_sql(f"GRANT {privilege} ON {table} TO {role}")
    for table, declared in load_metadata().tables.items():
        if declared.info.get("system_only") and table in existing:
            connection.exec_driver_sql(f'REVOKE ALL ON "{table}" FROM {APP_ROLE}')
        if declared.info.get("never_deleted") and table in existing:
            connection.exec_driver_sql(f'REVOKE DELETE ON "{table}" FROM {roles}')


def _list_tables(connection: Connection) -> set[str]:
    found = text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')")
    return set(connection.execute(found).scalars())


def _list_shop_tables(connection: Connection) -> list[tuple[str, str]]:
    """Return (table, column that names the shop) of every table whose rows belong to one."""
    found = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id' "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped "
            "ORDER BY c.relname"
        )
    )
    return [("shops", "id"), *((name, "shop_id") for name in found.scalars())]


def _secure_table(connection: Connection, table: str, column: str) -> None:
    connection.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    mine = f"{column} = {NAMED_SHOPS}"
    for policy, role, condition in ((SHOP_POLICY, APP_ROLE, mine), (SYSTEM_POLICY, SYSTEM_ROLE, "true")):
        connection.exec_driver_sql(f'DROP POLICY IF EXISTS {policy} ON "{table}"')
        connection.exec_driver_sql(
            f'CREATE POLICY {policy} ON "{table}" TO {role} USING ({condition}) WITH CHECK ({condition})'
        )
