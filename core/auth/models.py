"""Users, their grants and sign-ins, and API keys.

Only the system role may read these tables, except the names in `users`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.auth.roles import Role
from core.db import SYSTEM_ONLY, Base, Keyed, enum_column


class User(Keyed, Base):
    """A member of staff. `email` is kept trimmed and in lower case."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    disabled_at: Mapped[datetime | None]


class Password(Base):
    """The argon2id hash of a user's password."""

    __tablename__ = "passwords"
    __table_args__ = {"info": SYSTEM_ONLY}  # noqa: RUF012 (SQLAlchemy reads it as a class attribute)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class Grant(Keyed, Base):
    """A role in one shop, a packer's in a warehouse (for the shops it serves), or the installation's administrator."""

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("user_id", "shop_id", "warehouse_id", "role", postgresql_nulls_not_distinct=True),
        CheckConstraint("shop_id IS NULL OR warehouse_id IS NULL", name="one_place"),
        CheckConstraint("warehouse_id IS NULL OR role = 'packer'", name="warehouse_packs"),
        CheckConstraint(
            "shop_id IS NOT NULL OR warehouse_id IS NOT NULL OR role = 'administrator'",
            name="installation_administered",
        ),
        Index(None, "shop_id", "user_id"),
        {"info": SYSTEM_ONLY},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    shop_id: Mapped[UUID | None] = mapped_column(ForeignKey("shops.id"))
    warehouse_id: Mapped[UUID | None] = mapped_column(ForeignKey("warehouses.id"))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    granted_at: Mapped[datetime] = mapped_column(default=clock.now)


class SignIn(Keyed, Base):
    """One browser of one user. The cookie's token is kept only as its SHA-256."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "user_id"), {"info": SYSTEM_ONLY})

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    csrf_token: Mapped[str]
    chosen_shop_id: Mapped[UUID | None] = mapped_column(ForeignKey("shops.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiKey(Keyed, Base):
    """A key for programs. `prefix` is shown to tell keys apart; the secret is kept only as its SHA-256."""

    __tablename__ = "api_keys"
    __table_args__ = ({"info": SYSTEM_ONLY},)

    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    roles: Mapped[list[str]]
    shop_ids: Mapped[list[UUID]] = mapped_column(default=list)
    warehouse_id: Mapped[UUID | None] = mapped_column(ForeignKey("warehouses.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failed attempts within one window, by the SHA-256 of account and address: no personal data stays here."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "first_at"), {"info": SYSTEM_ONLY})

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
