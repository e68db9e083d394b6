"""Records of stored files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import NEVER_DELETED, Base, Keyed, ShopOwned


class StoredFile(Keyed, ShopOwned, Base):
    """`key_id` seals files that hold personal data; without it the bytes lie open. `sha256` is of the plain bytes.

    A file written in a stream is sealed piece by piece, `piece_size` plain bytes each.
    """

    __tablename__ = "files"
    __table_args__ = ({"info": NEVER_DELETED},)

    path: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    key_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealing_keys.id"))
    piece_size: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]
