"""The code directory: short opaque codes on copies, and which shop, kind and thing each stands for. Nothing personal.

A code is twelve random characters of Crockford's base32 and a check character over GF(32), which tells every single
wrong
character and every swap of two apart. https://www.crockford.com/base32.html
"""

import hmac
import itertools
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, ShopOwned
from core.rowsets import pack_rows, rowset
from core.settings import get_settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_VALUE |= {"O": 0, "I": 1, "L": 1}  # What people read in their stead.
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_ENTER = text(
    "INSERT INTO codes (code, shop_id, kind, ref_id, issued_at) SELECT code, :shop_id, :kind, ref_id, :issued_at FROM "
    + rowset("entered", {"code": "text", "ref_id": "uuid"})
)
_stream: ContextVar[Iterator[bytes] | None] = ContextVar("stream of codes", default=None)
_IN_URL = re.compile(r"/c/([0-9A-Za-z]{13})(?:$|[?#/])")


class Code(ShopOwned, Base):
    """`ref_id` is the id of the thing of this kind, for example a copy."""

    __tablename__ = "codes"
    __table_args__ = (Index(None, "shop_id", "kind", "ref_id"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    ref_id: Mapped[UUID]
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True)
class CodeTarget:
    code: str
    shop_id: UUID
    kind: str
    ref_id: UUID


def _double(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 0b100000 else value


def check_character(body: str) -> str:
    """Return the character that makes `body` valid: the sum of digit × α^position over GF(32)."""
    total = 0
    for character in body:
        total = _double(total ^ _VALUE[character])
    return ALPHABET[total]


def _weigh(digit: int, times: int) -> int:
    return _weigh(_double(digit), times - 1) if times else digit


# A byte drawn → its digit → the letter; a digit at each place → what it adds to the sum.
_DIGITS = bytes(byte & 31 for byte in range(256))
_LETTERS = ALPHABET.encode().ljust(256)
_WEIGHED = [bytes(_weigh(digit, LENGTH - 1 - place) for digit in range(32)) for place in range(LENGTH - 1)]


def is_code(text: str) -> bool:
    return len(text) == LENGTH and set(text) <= _VALUE.keys() and check_character(text[:-1]) == text[-1]


def new_code() -> str:
    """Return a code nobody can guess: 60 random bits."""
    stream = _stream.get()
    drawn = secrets.token_bytes(LENGTH - 1) if stream is None else next(stream)
    return _add_check(drawn.translate(_DIGITS))


def _add_check(digits: bytes) -> str:
    total = 0
    for weighed, digit in zip(_WEIGHED, digits, strict=True):
        total ^= weighed[digit]
    return digits.translate(_LETTERS).decode() + ALPHABET[total]


@contextmanager
def drawing_codes(seed: UUID) -> Iterator[None]:
    """Let `new_code` draw from a stream of this seed: work that is done again gets the codes it had.

    Nobody without the installation's secret can foretell it. A seed serves one piece of work that commits once.
    """
    token = _stream.set(_draw_from(seed))
    try:
        yield
    finally:
        _stream.reset(token)


def _draw_from(seed: UUID) -> Iterator[bytes]:
    key = hmac.digest(get_settings().read_secret_key(), b"soegaki codes" + seed.bytes, "sha256")
    for number in itertools.count():
        yield hmac.digest(key, number.to_bytes(8, "big"), "sha256")[: LENGTH - 1]


def read_code(text: str) -> str | None:
    """Return the code in a scan (bare, grouped, or within its URL), or None when it holds no valid one."""
    found = _IN_URL.search(text)
    bare = (found.group(1) if found else text.replace("-", "").replace(" ", "")).upper()
    bare = bare.translate(str.maketrans("OIL", "011"))
    return bare if is_code(bare) else None


def code_url(code: str) -> str:
    """Return what the QR symbol of a code holds."""
    return f"{get_settings().base_url.rstrip('/')}/c/{code}"


def format_code(code: str) -> str:
    """Return a code in groups, as people read it: ABCD-EFGH-JKMNP."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def issue_codes(session: Session, shop_id: UUID, kind: str, ref_ids: Iterable[UUID]) -> list[str]:
    """Register and return one new code for each reference, in order."""
    codes = {new_code(): ref_id for ref_id in ref_ids}
    register_codes(session, shop_id, kind, codes)
    return list(codes)


def register_codes(session: Session, shop_id: UUID, kind: str, codes: Mapping[str, UUID]) -> None:
    """Enter codes drawn before, with what each stands for."""
    if not codes:
        return
    rows = [{"code": code, "ref_id": ref_id} for code, ref_id in codes.items()]
    told = {"shop_id": shop_id, "kind": kind, "issued_at": clock.now()}
    session.execute(_ENTER, {"entered": pack_rows(rows), **told})


def find_code(session: Session, code: str) -> CodeTarget | None:
    """Return what a code stands for, if this session may see its shop."""
    row = session.execute(select(Code).where(Code.code == code)).scalar_one_or_none()
    return CodeTarget(row.code, row.shop_id, row.kind, row.ref_id) if row else None
