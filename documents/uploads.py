"""Uploaded pictures: known by their content, looked at before they are decoded, and drawn anew.

What leaves here was written by us: no metadata, no second image behind the first, nothing that could run.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from documents.errors import PictureRefusedError
from documents.pictures import LARGEST_BYTES, LARGEST_SIDE

LARGEST_UPLOAD: Final = LARGEST_BYTES
MOST_PIXELS: Final = 24_000_000
_SMALLEST_SIDE: Final = 8
# By the first bytes, never by name or declared type.
_HEADS: Final = {"PNG": (b"\x89PNG\r\n\x1a\n",), "JPEG": (b"\xff\xd8\xff",), "WEBP": (b"RIFF",)}
_UNREADABLE: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
)
_JPEG_QUALITY: Final = 92


@dataclass(frozen=True)
class CleanPicture:
    """PNG or JPEG, written by us."""

    data: bytes
    media_type: str
    width: int
    height: int


def clean_picture(data: bytes) -> CleanPicture:
    """Return an uploaded PNG, JPEG or WebP file as a picture of ours; raises PictureRefusedError with the reason."""
    kind = _recognise(data)
    try:
        image = Image.open(BytesIO(data), formats=(kind,))
        _check_size(image.size)
        if getattr(image, "n_frames", 1) > 1:
            raise PictureRefusedError("animated")
        image.load()
        upright = ImageOps.exif_transpose(image)
    except _UNREADABLE as error:
        raise PictureRefusedError("unreadable") from error
    return encode_picture(upright, as_photograph=kind == "JPEG")


def encode_picture(image: Image.Image, *, as_photograph: bool) -> CleanPicture:
    """Write the pixels alone: as JPEG what came as one, everything else without loss."""
    sink = BytesIO()
    if as_photograph:
        image.convert("L" if image.mode == "L" else "RGB").save(sink, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
        return CleanPicture(sink.getvalue(), "image/jpeg", *image.size)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    image.convert(mode).save(sink, "PNG", optimize=True)
    data = sink.getvalue()
    if len(data) > LARGEST_BYTES:
        raise PictureRefusedError("too_many_pixels")
    return CleanPicture(data, "image/png", *image.size)


def _recognise(data: bytes) -> str:
    if not data:
        raise PictureRefusedError("empty")
    if len(data) > LARGEST_UPLOAD:
        raise PictureRefusedError("too_large")
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head:
        raise PictureRefusedError("svg")
    if head.startswith(b"%pdf"):
        raise PictureRefusedError("pdf")
    for kind, heads in _HEADS.items():
        if data.startswith(heads) and (kind != "WEBP" or data[8:12] == b"WEBP"):
            return kind
    raise PictureRefusedError("unknown_kind")


def _check_size(size: tuple[int, int]) -> None:
    """Refuse by what the header says, before a single pixel is decoded."""
    width, height = size
    if max(size) > LARGEST_SIDE or width * height > MOST_PIXELS:
        raise PictureRefusedError("too_many_pixels")
    if min(size) < _SMALLEST_SIDE:
        raise PictureRefusedError("too_small")
