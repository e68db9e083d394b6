"""HTTP shapes of signing in and of administration."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.auth.roles import Role


class SignInIn(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=200)


class SignInOut(BaseModel):
    csrf_token: str
    must_change_password: bool


class ShopChoiceIn(BaseModel):
    shop_id: UUID | None


class PasswordIn(BaseModel):
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class ShopRolesOut(BaseModel):
    shop_id: UUID
    roles: list[Role]


class CallerOut(BaseModel):
    """Who is signed in."""

    kind: str
    id: UUID
    name: str
    language: str | None
    shops: list[ShopRolesOut]
    chosen_shop_id: UUID | None
    must_change_password: bool
    csrf_token: str


class GrantIn(BaseModel):
    role: Role
    shop_id: UUID | None = None
    warehouse_id: UUID | None = None


class GrantOut(GrantIn):
    model_config = ConfigDict(from_attributes=True)

    granted_at: datetime


class UserIn(BaseModel):
    email: str = Field(max_length=254)
    name: str = Field(min_length=1, max_length=200)
    language: str | None = None
    grants: list[GrantIn] = Field(min_length=1, max_length=100)


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str
    language: str | None
    disabled_at: datetime | None
    grants: list[GrantOut] = []


class UserMadeOut(BaseModel):
    """`password` is shown this once."""

    id: UUID
    password: str


class KeyIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    roles: list[Role] = Field(min_length=1)
    shop_ids: list[UUID] = []
    warehouse_id: UUID | None = None
    expires_at: datetime | None = None


class KeyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    prefix: str
    roles: list[Role]
    shop_ids: list[UUID]
    warehouse_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class KeyMadeOut(KeyOut):
    """`key` is shown this once."""

    key: str


class KeyRotationIn(BaseModel):
    overlap_hours: int = Field(default=24, ge=0, le=24 * 30)
