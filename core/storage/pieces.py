"""Sealing in pieces: each is bound to its place and to whether it is the last one, so that none can be left out, moved
or cut off (the STREAM construction: Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import secrets
import struct
from collections.abc import Iterator
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.sealing import NONCE_SIZE

PIECE_SIZE: Final = 1 << 20
_TAG_SIZE: Final = 16


def seal_piece(cipher: AESGCM, piece: bytes, place: int, *, is_last: bool) -> bytes:
    nonce = secrets.token_bytes(NONCE_SIZE)
    return nonce + cipher.encrypt(nonce, piece, _bind(place, is_last=is_last))


def open_pieces(stream: Any, cipher: AESGCM, piece_size: int) -> Iterator[bytes]:
    """Give the plain bytes of a stream of sealed pieces. Raises InvalidTag for one that was changed or cut off."""
    whole = NONCE_SIZE + piece_size + _TAG_SIZE
    piece, place = stream.read(whole), 0
    while piece:
        following = stream.read(whole)
        yield cipher.decrypt(piece[:NONCE_SIZE], piece[NONCE_SIZE:], _bind(place, is_last=not following))
        piece, place = following, place + 1


def _bind(place: int, *, is_last: bool) -> bytes:
    return struct.pack(">Q?", place, is_last)
