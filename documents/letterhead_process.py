"""The process in which an uploaded PDF is opened: a PDF in, one line of JSON and a PNG out. It knows nothing else."""

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import pikepdf
import pypdfium2

from documents.errors import PictureRefusedError
from documents.uploads import encode_picture

if sys.platform != "win32":
    import resource

DPI: Final = 300
_LONGEST_MM: Final = 430.0
_SHORTEST_MM: Final = 20.0
_MOST_OBJECTS: Final = 50_000
_SECONDS, _BYTES = 10, 2 << 30
# Keys of what acts, plays, sends or carries files (ISO 32000-2, 12.6, 13, 7.11.4).
_ACTING: Final = frozenset(
    (
        "/JS",
        "/JavaScript",
        "/OpenAction",
        "/AA",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/EF",
        "/RichMediaContent",
        "/XFA",
        "/Movie",
        "/Sound",
        "/3DD",
    )
)
_ACTIONS: Final = frozenset(
    ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute")
)


def limit_resources() -> None:
    """Give this process little of everything, where the system can."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def check_pdf(data: bytes) -> None:
    """Raise PictureRefusedError for what a letterhead has no need of."""
    try:
        with pikepdf.open(BytesIO(data)) as document:
            if document.is_encrypted:
                raise PictureRefusedError("encrypted")
            if len(document.pages) != 1:
                raise PictureRefusedError("many_pages")
            if any(_is_acting(each) for each in _list_dictionaries(document)):
                raise PictureRefusedError("scripts")
    except pikepdf.PasswordError:
        raise PictureRefusedError("encrypted") from None
    except pikepdf.PdfError:
        raise PictureRefusedError("damaged") from None


def _list_dictionaries(document: pikepdf.Pdf) -> Iterator[Any]:
    """Give every dictionary of the file, those within others included."""
    waiting: list[Any] = [document.trailer, *document.objects]
    seen = 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > _MOST_OBJECTS:
            raise PictureRefusedError("too_heavy")
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            yield value
            waiting += [each for each in dict(value.items()).values() if _is_inner(each)]
        elif isinstance(value, pikepdf.Array):
            waiting += [each for each in value if _is_inner(each)]


def _is_inner(value: Any) -> bool:
    """Say whether a value is to be looked into here; what has a number of its own is looked into by that."""
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream) and not value.is_indirect


def _is_acting(dictionary: Any) -> bool:
    return bool(_ACTING & set(dictionary.keys())) or str(dictionary.get("/S", "")) in _ACTIONS


def draw(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return size and picture of the only page; without annotations and forms."""
    page = pypdfium2.PdfDocument(data)[0]
    width_mm, height_mm = (round(points * 25.4 / 72, 2) for points in page.get_size())
    if max(width_mm, height_mm) > _LONGEST_MM or min(width_mm, height_mm) < _SHORTEST_MM:
        raise PictureRefusedError("page_size")
    image = page.render(scale=DPI / 72, may_draw_forms=False, draw_annots=False).to_pil()
    clean = encode_picture(image.convert("RGB"), as_photograph=False)
    told = {"width": clean.width, "height": clean.height, "width_mm": width_mm, "height_mm": height_mm}
    return told, clean.data


def main() -> None:
    limit_resources()
    data = sys.stdin.buffer.read()
    picture = b""
    try:
        check_pdf(data)
        told, picture = draw(data)
    except PictureRefusedError as error:
        told = {"reason": error.reason}
    except (pypdfium2.PdfiumError, ValueError):
        told = {"reason": "damaged"}
    except MemoryError:
        told = {"reason": "too_heavy"}
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + picture)


if __name__ == "__main__":
    main()
