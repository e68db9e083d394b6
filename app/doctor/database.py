"""The database: does it answer, is it recent, can it keep shops apart, is it up to date, does its clock agree."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from app.console import choose
from app.doctor.findings import Finding, bad, good
from app.migrations.service import find_head
from core.db import APP_ROLE, SYSTEM_ROLE, get_url

OLDEST_SERVER: Final = 160000
LARGEST_DRIFT: Final = 2.0


def check_database() -> list[Finding]:
    engine = create_engine(get_url(), poolclass=NullPool, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            return [
                check_server(connection),
                check_roles(connection),
                check_revision(connection),
                check_clock(connection),
            ]
    except OperationalError as error:
        advice = choose(
            "SOEGAKI_DATABASE_URL を確かめてください。未設定なら logs フォルダーの postgres.log に理由があります。",
            "Check SOEGAKI_DATABASE_URL; if it is not set, postgres.log in the logs folder says why.",
        )
        return [bad("database", choose("応答がありません: ", "It does not answer: ") + str(error.orig).strip(), advice)]


def check_server(connection: Connection) -> Finding:
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    version = connection.execute(text("SHOW server_version")).scalar_one()
    if number < OLDEST_SERVER:
        return bad("database", f"PostgreSQL {version}", choose("16 以上にしてください。", "Upgrade it to 16 or newer."))
    return good("database", f"PostgreSQL {version}")


def check_roles(connection: Connection) -> Finding:
    """Say whether the program's roles exist, cannot see past the policies, and can be taken by our login."""
    found = connection.execute(
        text(
            "SELECT rolname, rolsuper OR rolbypassrls AS bypasses, pg_has_role(current_user, oid, 'SET') AS usable "
            "FROM pg_roles WHERE rolname = ANY (:roles)"
        ),
        {"roles": [APP_ROLE, SYSTEM_ROLE]},
    ).all()
    missing = {APP_ROLE, SYSTEM_ROLE} - {row.rolname for row in found}
    if missing:
        names = ", ".join(sorted(missing))
        advice = choose("`soegaki migrate` を実行してください。", "Run `soegaki migrate`.")
        return bad("roles", choose(f"ロールがありません: {names}", f"These roles are missing: {names}"), advice)
    wrong = ", ".join(row.rolname for row in found if row.bypasses)
    if wrong:
        advice = f"ALTER ROLE {wrong} NOSUPERUSER NOBYPASSRLS"
        return bad(
            "roles", choose(f"{wrong} は行レベルの保護を素通りします", f"{wrong} can bypass row security"), advice
        )
    unusable = ", ".join(row.rolname for row in found if not row.usable)
    if unusable:
        advice = f"GRANT {unusable} TO CURRENT_USER"
        return bad("roles", choose(f"{unusable} になれません", f"The login cannot become {unusable}"), advice)
    return good("roles", f"{APP_ROLE}, {SYSTEM_ROLE}")


def check_revision(connection: Connection) -> Finding:
    table = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one()
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if table else None
    if found != find_head():
        advice = choose("`soegaki migrate` を実行してください。", "Run `soegaki migrate`.")
        return bad("migrations", choose(f"{found} → {find_head()} が必要", f"at {found}, needs {find_head()}"), advice)
    return good("migrations", str(found))


def check_clock(connection: Connection) -> Finding:
    theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    drift = abs((datetime.now(UTC) - theirs).total_seconds())
    found = choose(f"データベースとの差 {drift:.1f} 秒", f"{drift:.1f} s from the database")
    if drift > LARGEST_DRIFT:
        return bad("clock", found, choose("両方の時計を NTP で合わせてください。", "Set both clocks by NTP."))
    return good("clock", found)
