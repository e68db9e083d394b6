"""Administration of users and their grants. Needs a session of the system role."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.auth.authority import Authority, Place, check_grant
from core.auth.emails import check_email
from core.auth.errors import EmailTakenError, LastAdministratorError, SignInRefusedError, UserNotFoundError
from core.auth.models import Grant, Password, User
from core.auth.passwords import check_strength, hash_password, verify_password
from core.auth.roles import Role
from core.auth.signing_in import end_sign_ins
from core.errors import InvalidInputError
from core.ids import new_id, new_token

LANGUAGES = frozenset({"ja", "en"})
_ADMINISTRATOR_LOCK = 0x50AE6A2


def add_user(
    session: Session, *, email: str, name: str, language: str | None = None, password: str | None = None
) -> tuple[User, str]:
    """Create a user without any grant. Returns the password too: a drawn one, to be changed, when none was given."""
    address, shown_name = check_email(email), name.strip()
    if not shown_name:
        raise InvalidInputError("A user needs a name.", field="name")
    if language is not None and language not in LANGUAGES:
        raise InvalidInputError(f"There is no language {language}.", field="language")
    drawn = password is None
    chosen = password if password is not None else new_token(12)
    check_strength(chosen, email=address, name=shown_name)
    values = {"id": new_id(), "email": address, "name": shown_name, "language": language, "must_change_password": drawn}
    statement = insert(User).values(values).on_conflict_do_nothing(index_elements=["email"]).returning(User)
    user = session.execute(statement).scalar_one_or_none()
    if user is None:
        raise EmailTakenError
    session.add(Password(user_id=user.id, hash=hash_password(chosen)))
    record(session, "auth:user:added", shop_id=None, subject_id=user.id)
    return user, chosen


def get_user(session: Session, user_id: UUID) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise UserNotFoundError
    return user


def find_user(session: Session, email: str) -> User | None:
    return session.execute(select(User).where(User.email == check_email(email))).scalar_one_or_none()


def list_users(session: Session, authority: Authority) -> list[tuple[User, list[Grant]]]:
    """Return the users within reach, by name, each with the grants within reach."""
    mine = Grant.shop_id.in_(authority.shop_ids)
    statement = select(User, Grant).outerjoin(Grant, Grant.user_id == User.id).order_by(User.name, User.id)
    if not authority.everywhere:
        statement = statement.where(mine)
    found: dict[UUID, tuple[User, list[Grant]]] = {}
    for user, grant in session.execute(statement):
        grants = found.setdefault(user.id, (user, []))[1]
        if grant is not None:
            grants.append(grant)
    return list(found.values())


def grants_of(session: Session, user_id: UUID) -> list[Grant]:
    return list(session.execute(select(Grant).where(Grant.user_id == user_id).order_by(Grant.id)).scalars())


def grant_role(session: Session, authority: Authority, user_id: UUID, role: Role, place: Place) -> None:
    """Grant a role; granting it again changes nothing."""
    check_grant(role, place)
    authority.check_place(place)
    get_user(session, user_id)
    values = {
        "id": new_id(),
        "user_id": user_id,
        "role": role,
        "shop_id": place.shop_id,
        "warehouse_id": place.warehouse_id,
    }
    added = session.execute(insert(Grant).values(values).on_conflict_do_nothing().returning(Grant.id))
    if added.scalar_one_or_none() is not None:
        _record_grant(session, "auth:grant:added", user_id, role, place)


def revoke_role(session: Session, authority: Authority, user_id: UUID, role: Role, place: Place) -> None:
    """Take a role away, at once; taking it again changes nothing."""
    authority.check_place(place)
    if place == Place():
        _keep_an_administrator(session, besides=user_id)
    gone = session.execute(
        delete(Grant)
        .where(
            Grant.user_id == user_id,
            Grant.role == role,
            Grant.shop_id.is_not_distinct_from(place.shop_id),
            Grant.warehouse_id.is_not_distinct_from(place.warehouse_id),
        )
        .returning(Grant.id)
    ).all()
    if gone:
        _record_grant(session, "auth:grant:revoked", user_id, role, place)


def _record_grant(session: Session, tag: str, user_id: UUID, role: Role, place: Place) -> None:
    details = {"role": role.value, "warehouse_id": str(place.warehouse_id) if place.warehouse_id else None}
    record(session, tag, shop_id=place.shop_id, subject_id=user_id, details=details)


def _keep_an_administrator(session: Session, *, besides: UUID) -> None:
    """Raise LastAdministratorError when nobody else administers the installation. Two at once queue up here."""
    session.execute(select(func.pg_advisory_xact_lock(_ADMINISTRATOR_LOCK)))
    others = select(func.count()).where(
        Grant.user_id == User.id,
        Grant.shop_id.is_(None),
        Grant.warehouse_id.is_(None),
        User.disabled_at.is_(None),
        User.id != besides,
    )
    if session.execute(others).scalar_one() == 0:
        raise LastAdministratorError


def _check_reach(session: Session, authority: Authority, user_id: UUID) -> User:
    user = get_user(session, user_id)
    authority.check_person(Place(grant.shop_id, grant.warehouse_id) for grant in grants_of(session, user_id))
    return user


def disable_user(session: Session, authority: Authority, user_id: UUID) -> None:
    """Shut a user out at once, sign-ins included. Repeating it changes nothing."""
    _check_reach(session, authority, user_id)
    if any(grant.shop_id is None and grant.warehouse_id is None for grant in grants_of(session, user_id)):
        _keep_an_administrator(session, besides=user_id)
    statement = update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(disabled_at=clock.now())
    if session.execute(statement.returning(User.id)).scalar_one_or_none() is not None:
        end_sign_ins(session, user_id)
        record(session, "auth:user:disabled", shop_id=None, subject_id=user_id)


def enable_user(session: Session, authority: Authority, user_id: UUID) -> None:
    """Let a disabled user in again. Repeating it changes nothing."""
    _check_reach(session, authority, user_id)
    statement = update(User).where(User.id == user_id, User.disabled_at.is_not(None)).values(disabled_at=None)
    if session.execute(statement.returning(User.id)).scalar_one_or_none() is not None:
        record(session, "auth:user:enabled", shop_id=None, subject_id=user_id)


def reset_password(session: Session, authority: Authority, user_id: UUID) -> str:
    """Return a drawn password that is to be changed; every sign-in of the user ends."""
    user = _check_reach(session, authority, user_id)
    drawn = new_token(12)
    _store_password(session, user, drawn, must_change=True)
    end_sign_ins(session, user_id)
    record(session, "auth:password:reset", shop_id=None, subject_id=user_id)
    return drawn


def change_password(session: Session, user_id: UUID, *, old: str, new: str, keep_sign_in: UUID | None) -> None:
    """Set one's own password; other browsers of this user are signed out."""
    user = get_user(session, user_id)
    hashed = session.execute(select(Password.hash).where(Password.user_id == user_id)).scalar_one_or_none()
    if not verify_password(hashed, old):
        raise SignInRefusedError
    check_strength(new, email=user.email, name=user.name)
    _store_password(session, user, new, must_change=False)
    end_sign_ins(session, user_id, keep=keep_sign_in)
    record(session, "auth:password:changed", shop_id=None, subject_id=user_id)


def _store_password(session: Session, user: User, password: str, *, must_change: bool) -> None:
    values = {"hash": hash_password(password), "changed_at": clock.now()}
    statement = insert(Password).values(user_id=user.id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
    user.must_change_password = must_change


def set_language(session: Session, user_id: UUID, language: str) -> None:
    if language not in LANGUAGES:
        raise InvalidInputError(f"There is no language {language}.", field="language")
    get_user(session, user_id).language = language


def add_first_administrator(session: Session, email: str) -> tuple[User, str] | None:
    """Create the first user, with everything an empty installation needs; None when there is any user already."""
    session.execute(select(func.pg_advisory_xact_lock(_ADMINISTRATOR_LOCK)))
    if session.execute(select(User.id).limit(1)).first() is not None:
        return None
    user, password = add_user(session, email=email, name="Administrator")
    session.add(Grant(user_id=user.id, role=Role.ADMINISTRATOR))
    _record_grant(session, "auth:grant:added", user.id, Role.ADMINISTRATOR, Place())
    return user, password


def names_of(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of these users, for lists that show who did something. Any role may ask."""
    if not user_ids:
        return {}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids))))
    return {row.id: row.name for row in rows}
