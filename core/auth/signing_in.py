"""Signing in and out. These commit on their own: a refused attempt must be counted although it fails."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.auth.emails import normalise_email
from core.auth.errors import ShopNotGrantedError, SignInRefusedError, TooManyAttemptsError
from core.auth.models import Password, SignIn, User
from core.auth.passwords import hash_password, needs_rehash, verify_password
from core.auth.roles import Principal
from core.auth.throttle import delete_old_failures, forget_failures, limits_for, take_attempt
from core.auth.tokens import hash_token
from core.context import Actor, using_context
from core.db import system_scope
from core.ids import new_token

LIFETIME = timedelta(days=14)
IDLE = timedelta(hours=12)
# The audit trail says who signed in when; these rows are only for ending what is open.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class NewSignIn:
    """`token` goes into the cookie and nowhere else."""

    token: str
    csrf_token: str
    user_id: UUID
    must_change_password: bool


def sign_in(email: str, password: str, *, address: str) -> NewSignIn:
    """Open a sign-in. Raises TooManyAttemptsError or SignInRefusedError; both are on record."""
    account = normalise_email(email)
    limits = limits_for(account, address)
    with system_scope() as session:
        wait = take_attempt(session, limits)
        user, hashed = _find_account(session, account)
        if wait:
            record(session, "auth:sign_in:throttled", shop_id=None, subject_id=user.id if user else None)
    if wait:
        raise TooManyAttemptsError(wait)
    # No connection is held while argon2 works.
    if not verify_password(hashed, password) or user is None or user.disabled_at is not None:
        with system_scope() as session:
            record(session, "auth:sign_in:refused", shop_id=None, subject_id=user.id if user else None)
        raise SignInRefusedError
    with system_scope() as session:
        forget_failures(session, limits)
        if hashed is not None and needs_rehash(hashed):
            session.execute(update(Password).where(Password.user_id == user.id).values(hash=hash_password(password)))
        return open_sign_in(session, user)


def _find_account(session: Session, email: str) -> tuple[User | None, str | None]:
    row = session.execute(
        select(User, Password.hash).outerjoin(Password, Password.user_id == User.id).where(User.email == email)
    ).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def open_sign_in(session: Session, user: User) -> NewSignIn:
    """Open a sign-in for a user whose identity was proven."""
    token, now = new_token(), clock.now()
    opened = SignIn(user_id=user.id, token_hash=hash_token(token), csrf_token=new_token(), expires_at=now + LIFETIME)
    session.add(opened)
    session.flush()  # Its id is wanted by the audit entry.
    with using_context(actor=Actor("user", user.id)):
        record(session, "auth:sign_in:opened", shop_id=None, subject_id=user.id, details={"sign_in": str(opened.id)})
    return NewSignIn(token, opened.csrf_token, user.id, user.must_change_password)


def sign_out(session: Session, sign_in_id: UUID) -> None:
    """End one sign-in. Repeating it changes nothing."""
    ended = session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(SignIn.user_id)
    ).scalar_one_or_none()
    if ended is not None:
        record(session, "auth:sign_in:closed", shop_id=None, subject_id=ended, details={"sign_in": str(sign_in_id)})


def end_sign_ins(session: Session, user_id: UUID, *, keep: UUID | None = None) -> int:
    """End every sign-in of a user, but for one; returns how many."""
    conditions = [SignIn.user_id == user_id, SignIn.ended_at.is_(None)]
    if keep is not None:
        conditions.append(SignIn.id != keep)
    statement = update(SignIn).where(*conditions).values(ended_at=clock.now()).returning(SignIn.id)
    return len(session.execute(statement).all())


def sweep_sign_ins() -> int:
    """Delete sign-ins that ended long ago and counts of failures that ran out. Returns how many sign-ins."""
    old = clock.now() - KEPT
    with system_scope() as session:
        delete_old_failures(session)
        statement = delete(SignIn).where(or_(SignIn.ended_at < old, SignIn.expires_at < old)).returning(SignIn.id)
        return len(session.execute(statement).all())


def choose_shop(session: Session, principal: Principal, shop_id: UUID | None) -> None:
    """Remember the shop of this sign-in's screens; None means all that are granted."""
    if shop_id is not None and shop_id not in principal.roles:
        raise ShopNotGrantedError
    session.execute(update(SignIn).where(SignIn.id == principal.sign_in_id).values(chosen_shop_id=shop_id))
