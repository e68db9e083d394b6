"""Letterheads: the one page of a PDF file becomes a picture of the library. Decision record 0122.

The file is looked into and drawn in a process of its own, with little time and memory: what it does there harms nobody.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from documents.errors import PictureRefusedError
from documents.library import keep_picture
from documents.models import DocumentPicture, PictureSource
from documents.uploads import CleanPicture

LARGEST_PDF: Final = 10_000_000
_PATIENCE_SECONDS: Final = 20


@dataclass(frozen=True)
class Letterhead:
    """The page as a picture of 300 dpi, and its size on paper."""

    picture: CleanPicture
    width_mm: float
    height_mm: float


def read_letterhead(data: bytes) -> Letterhead:
    """Return the page of a PDF; raises PictureRefusedError for scripts, encryption, several pages, damage."""
    if len(data) > LARGEST_PDF:
        raise PictureRefusedError("pdf_too_large")
    if b"%PDF-" not in data[:1024]:
        raise PictureRefusedError("not_pdf")
    head, _, picture = _draw_apart(data).partition(b"\n")
    try:
        told = json.loads(head)
    except ValueError:
        raise PictureRefusedError("too_heavy") from None
    if "reason" in told:
        raise PictureRefusedError(told["reason"])
    clean = CleanPicture(picture, "image/png", told["width"], told["height"])
    return Letterhead(clean, told["width_mm"], told["height_mm"])


def _draw_apart(data: bytes) -> bytes:
    command = [sys.executable, "-m", "documents.letterhead_process"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PictureRefusedError("too_heavy") from None
    return done.stdout


def add_letterhead(
    session: Session, shop_id: UUID, key: str, name: str, data: bytes, *, author: str
) -> DocumentPicture:
    """Take a PDF's page into the library; raises PictureRefusedError with the reason."""
    letterhead = read_letterhead(data)
    more = {
        "name": name,
        "stored_by": author,
        "source": PictureSource.LETTERHEAD,
        "width_mm": letterhead.width_mm,
        "height_mm": letterhead.height_mm,
    }
    return keep_picture(session, shop_id, key, letterhead.picture, more)
