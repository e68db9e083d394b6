"""What a copy says, and what comes back. Plain frozen data: no database, no drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from documents.checking import CompiledTemplate


class Money(NamedTuple):
    """An amount in the currency's smallest unit."""

    amount: int
    currency: str = "JPY"


class StoredPicture(bytes):
    """A picture's bytes that know the file they are kept in, so that a copy's record need only name it."""

    file_id: UUID

    def __new__(cls, data: bytes, file_id: UUID) -> "StoredPicture":
        picture = super().__new__(cls, data)
        picture.file_id = file_id
        return picture


# One row of a table, a list of inserts, a tax summary …: field name → value.
Row = Mapping[str, str | Money | date | int | bytes | None]
Value = str | Money | date | int | bytes | Sequence[Row] | None


@dataclass(frozen=True)
class CopySpec:
    """One printed instance of a template.

    `values` may hold more than the template's slots; None, an empty text and an empty list count as absent. Flags that
    the template does not know change nothing. `code` is the bare copy code, `code_text` the same as people read it,
    `url` what the QR symbol holds. `reference` names the copy in refusals, bookmarks and page labels; `group` is the
    section of the file that it belongs to, for bookmarks and separator pages.
    """

    template: "CompiledTemplate"
    values: Mapping[str, Value]
    code: str = ""
    code_text: str = ""
    url: str = ""
    flags: frozenset[str] = field(default_factory=frozenset)
    reference: str = ""
    group: str = ""


@dataclass(frozen=True)
class RenderedDocument:
    """A PDF. `pages_per_copy` is in the order of the copies given."""

    data: bytes
    pages: int
    pages_per_copy: tuple[int, ...]
    sha256: str
