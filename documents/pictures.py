"""Pictures as a PDF holds them. Only pixels: nothing that could run, nothing that explodes."""

import hashlib
import warnings
import zlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, UnidentifiedImageError

LARGEST_SIDE = 6000
LARGEST_PIXELS = 24_000_000
LARGEST_BYTES = 8_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombWarning,
    Image.DecompressionBombError,
)


@dataclass(frozen=True)
class Picture:
    """`filter` is the PDF's name of the compression; `mask` the transparency, 8 bits a pixel, deflated."""

    digest: str
    media_type: str
    width: int
    height: int
    color_space: str
    filter: str
    data: bytes
    mask: bytes | None


class PictureError(Exception):
    """The reason why a file is not a usable picture."""


@lru_cache(maxsize=64)
def read_picture(data: bytes) -> Picture:
    """Return a PNG, JPEG or WebP file's picture; raises PictureError."""
    if len(data) > LARGEST_BYTES:
        raise PictureError(f"> {LARGEST_BYTES // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=_FORMATS)
            _check_size(image)
            image.load()
    except _UNREADABLE as error:
        raise PictureError("PNG, JPEG, WebP") from error
    digest = hashlib.sha256(data).hexdigest()
    media_type = f"image/{(image.format or '').lower()}"
    if image.format == "JPEG" and image.mode in ("RGB", "L"):
        space = "/DeviceRGB" if image.mode == "RGB" else "/DeviceGray"
        return Picture(digest, media_type, *image.size, space, "/DCTDecode", data, None)
    mask = zlib.compress(image.convert("RGBA").getchannel("A").tobytes(), 6) if image.has_transparency_data else None
    pixels = zlib.compress(image.convert("RGB").tobytes(), 6)
    return Picture(digest, media_type, *image.size, "/DeviceRGB", "/FlateDecode", pixels, mask)


def _check_size(image: Image.Image) -> None:
    """Refuse by what the header says, before a pixel is decoded."""
    width, height = image.size
    if max(width, height) > LARGEST_SIDE:
        raise PictureError(f"{width} × {height} > {LARGEST_SIDE} px")
    if width * height > LARGEST_PIXELS:
        raise PictureError(f"{width} × {height} > {LARGEST_PIXELS // 1_000_000} MP")


def shrink_picture(data: bytes, side: int) -> bytes:
    """Return a picture no larger than `side` pixels, as it is when it is small enough; raises PictureError."""
    read_picture(data)
    image = Image.open(BytesIO(data), formats=_FORMATS)
    if max(image.size) <= side:
        return data
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    plain.save(buffer, *(("PNG",) if plain.mode == "RGBA" else ("JPEG",)), quality=85)
    return buffer.getvalue()
