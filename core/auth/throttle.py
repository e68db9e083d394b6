"""Slows down guessing: counts failed sign-ins by account and address, by address alone and by account alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.auth.models import SignInFailure
from core.auth.tokens import hash_token

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """So many failures in the window are free; each one after that costs a pause, `pause` seconds and doubling."""

    key: bytes
    free: int
    pause: int = 30


def limits_for(account: str, address: str) -> list[Limit]:
    """Return what one attempt counts against. The account's own limit is wide: nobody locks another out cheaply."""
    return [
        Limit(hash_token(f"account+address\n{account}\n{address}"), free=5),
        Limit(hash_token(f"address\n{address}"), free=50),
        Limit(hash_token(f"account\n{account}"), free=100),
    ]


def take_attempt(session: Session, limits: Sequence[Limit]) -> int:
    """Return 0 when one may try now, otherwise the seconds to wait.

    An attempt counts as failed from the start and is forgiven on success; attempts at one account queue up here, so
    that many at the same moment get no more tries than one after the other.
    """
    _queue_up(session, limits)
    wait = _find_wait(session, limits)
    if wait == 0:
        _record_failure(session, limits)
    return wait


def _queue_up(session: Session, limits: Sequence[Limit]) -> None:
    """Let one attempt at an account after the other touch its counts."""
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(limits[-1].key[:8], signed=True))))


def _find_wait(session: Session, limits: Sequence[Limit]) -> int:
    by_key = {limit.key: limit for limit in limits}
    rows = session.execute(select(SignInFailure).where(SignInFailure.key.in_(by_key))).scalars()
    return max((_remaining(by_key[row.key], row, clock.now()) for row in rows), default=0)


def _remaining(limit: Limit, row: SignInFailure, now: datetime) -> int:
    over = row.failures - limit.free
    if over < 0 or now - row.last_at > WINDOW:
        return 0
    pause = min(timedelta(seconds=limit.pause * 2 ** min(over, 10)), WINDOW)
    return max(0, ceil((row.last_at + pause - now).total_seconds()))


def _record_failure(session: Session, limits: Sequence[Limit]) -> None:
    """A window that has passed starts anew."""
    now = clock.now()
    statement = insert(SignInFailure).values(
        [
            {"key": limit.key, "failures": 1, "first_at": now, "last_at": now}
            for limit in sorted(limits, key=lambda x: x.key)
        ]
    )
    stale = SignInFailure.last_at < now - WINDOW
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case((stale, 1), else_=SignInFailure.failures + 1),
                "first_at": case((stale, now), else_=SignInFailure.first_at),
                "last_at": now,
            },
        )
    )


def forget_failures(session: Session, limits: Sequence[Limit]) -> None:
    """After a good sign-in: clear this account's count from this address, take this attempt off the wide ones."""
    _queue_up(session, limits)
    session.execute(delete(SignInFailure).where(SignInFailure.key == limits[0].key))
    wide = SignInFailure.key.in_([limit.key for limit in limits[1:]])
    session.execute(update(SignInFailure).where(wide).values(failures=SignInFailure.failures - 1))
    session.execute(delete(SignInFailure).where(wide, SignInFailure.failures < 1))


def delete_old_failures(session: Session) -> None:
    """Delete counts whose window has passed."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < clock.now() - WINDOW))
