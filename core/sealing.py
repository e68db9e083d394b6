"""Values sealed under a key of their own: destroying the key erases every value, wherever a copy of it lies.

AES-256-GCM; each key is wrapped by a key derived (HKDF-SHA256) from the master secret. A sealed value is nonce ‖
ciphertext.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, Keyed, ShopOwned, is_among
from core.entering import enter_rows
from core.errors import ErasedError
from core.ids import new_ids
from core.settings import get_settings

NONCE_SIZE = 12


class SealingKey(Keyed, ShopOwned, Base):
    """`wrapped` is empty once destroyed."""

    __tablename__ = "sealing_keys"

    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    destroyed_at: Mapped[datetime | None]


@lru_cache(maxsize=4)
def _make_wrapper(master: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"soegaki key wrapping").derive(master))


def _get_wrapper() -> AESGCM:
    return _make_wrapper(get_settings().read_secret_key())


def wrap(key: bytes) -> bytes:
    """Seal a secret under the master key itself (channel secrets, keys)."""
    return encrypt(_get_wrapper(), key)


def unwrap(wrapped: bytes) -> bytes:
    return decrypt(_get_wrapper(), wrapped)


def encrypt(cipher: AESGCM, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_SIZE)
    return nonce + cipher.encrypt(nonce, plain, None)


def decrypt(cipher: AESGCM, sealed: bytes) -> bytes:
    return cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], None)


def new_keys(session: Session, shop_id: UUID, count: int) -> list[UUID]:
    """Make keys and return their ids."""
    ids = new_ids(count)
    wrapper = _get_wrapper()
    keys = [{"id": key_id, "wrapped": encrypt(wrapper, secrets.token_bytes(32))} for key_id in ids]
    enter_rows(session, SealingKey, keys, {"shop_id": shop_id, "created_at": clock.now()})
    return ids


def new_key(session: Session, shop_id: UUID) -> UUID:
    return new_keys(session, shop_id, 1)[0]


def load_ciphers(session: Session, key_ids: Collection[UUID]) -> dict[UUID, AESGCM]:
    """Return the ciphers of those keys that still exist. Never kept longer than the transaction: a key may be
    destroyed.
    """
    rows = session.execute(select(SealingKey.id, SealingKey.wrapped).where(is_among(SealingKey.id, set(key_ids)))).all()
    wrapper = _get_wrapper()
    return {key_id: AESGCM(decrypt(wrapper, wrapped)) for key_id, wrapped in rows if wrapped is not None}


def seal(session: Session, key_id: UUID, plain: bytes) -> bytes:
    return encrypt(get_cipher(session, key_id), plain)


def unseal(session: Session, key_id: UUID, sealed: bytes) -> bytes:
    """Return the plain value; raises ErasedError when the key was destroyed."""
    return decrypt(get_cipher(session, key_id), sealed)


def get_cipher(session: Session, key_id: UUID) -> AESGCM:
    """Return the cipher of one key; raises ErasedError when it was destroyed."""
    cipher = load_ciphers(session, [key_id]).get(key_id)
    if cipher is None:
        raise ErasedError
    return cipher


def destroy_keys(session: Session, key_ids: Collection[UUID]) -> None:
    """Erase for ever what these keys sealed. Repeating it changes nothing."""
    session.execute(
        update(SealingKey)
        .where(SealingKey.id.in_(set(key_ids)), SealingKey.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=clock.now())
    )
