"""The structure of a PDF file: objects, pages that share forms, fonts and pictures. Same pages, same bytes."""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from isal import isal_zlib

from documents.composing import Page
from documents.embedding import write_font
from documents.ink import Codes, Fragment
from documents.pictures import Picture

# What is written once is pressed hard; pages are pressed fast.
_COMPRESSION = 9
_PAGE_COMPRESSION = 1
# Texts wait until there are so many before their glyphs are counted.
_ENOUGH_TEXTS = 10_000
# What is shorter costs less where it stands than in a form of its own.
_SMALLEST_FORM = 48
_MOST_FORMS = 4000
# What seldom returns is forgotten, so that a file of any length takes the same memory.
_MOST_SEEN = 20_000


class _GlyphCount:
    """Which codes each font has shown."""

    def __init__(self) -> None:
        self._seen: dict[int, Any] = {}
        self._waiting: list[Codes] = []

    def add(self, codes: Sequence[Codes]) -> None:
        self._waiting.extend(codes)
        if len(self._waiting) > _ENOUGH_TEXTS:
            self._count()

    def list_codes(self) -> dict[int, list[int]]:
        """Return font → codes in ascending order."""
        self._count()
        return {font: np.flatnonzero(seen).tolist() for font, seen in sorted(self._seen.items())}

    def _count(self) -> None:
        shown: dict[int, list[bytes]] = defaultdict(list)
        for font, data in self._waiting:
            shown[font].append(data)
        for font, listed in shown.items():
            seen = self._seen.setdefault(font, np.zeros(1 << 16, dtype=np.bool_))
            seen[np.frombuffer(b"".join(listed), dtype=">u2")] = True
        self._waiting.clear()


class PdfFile:
    """Takes pages one by one and writes each at once; then `finish`. What it keeps grows by a few bytes a page."""

    def __init__(self, sink: BinaryIO, language: str) -> None:
        self._sink = sink
        self._written = 0
        self._digest = hashlib.sha256()
        self._emit(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._offsets: list[int] = []
        self._language = language
        self._catalog, self._tree, self._resources = (self._reserve() for _ in range(3))
        self._pages: list[int] = []
        self._glyphs = _GlyphCount()
        self._pictures: dict[str, Picture] = {}
        self._seen: set[bytes] = set()
        self._forms: dict[bytes, bytes] = {}
        self._form_numbers: list[int] = []
        self._page_head = b""
        self._size = (0.0, 0.0)

    def add_page(self, page: Page) -> None:
        ink = page.ink
        if ink.codes:
            self._glyphs.add(ink.codes)
        if ink.pictures:
            self._pictures |= ink.pictures
        parts = [part if len(part) < _SMALLEST_FORM else self._use(part) for part in ink.parts]
        if page.static:
            parts.insert(0, self._use_static(page.static))
        stream = isal_zlib.compress(b"\n".join(parts), _PAGE_COMPRESSION)
        if (page.width, page.height) != self._size:
            self._size = (page.width, page.height)
            self._page_head = (
                f"<< /Type /Page /Parent {self._tree} 0 R /MediaBox [0 0 {page.width:.3f} {page.height:.3f}] "
                f"/Resources {self._resources} 0 R /Contents "
            ).encode()
        content = len(self._offsets) + 1
        self._offsets.append(self._written)
        head = b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % (content, len(stream))
        body = b"".join((head, stream, b"\nendstream\nendobj\n"))
        self._offsets.append(self._written + len(body))
        self._pages.append(content + 1)
        self._emit(body + b"%d 0 obj\n%b%d 0 R >>\nendobj\n" % (content + 1, self._page_head, content))

    def finish(self) -> str:
        """Write what the pages share, and return the SHA-256 of the file."""
        fonts = {font: write_font(font, codes, self._write) for font, codes in self._glyphs.list_codes().items()}
        pictures = {name: self._write_picture(picture) for name, picture in sorted(self._pictures.items())}
        drawables = [f"/{name} {number} 0 R" for name, number in pictures.items()]
        drawables += [f"/X{place} {number} 0 R" for place, number in enumerate(self._form_numbers)]
        named_fonts = " ".join(f"/F{index} {number} 0 R" for index, number in fonts.items())
        self._put(self._resources, f"/Font << {named_fonts} >> /XObject << {' '.join(drawables)} >>")
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._put(self._tree, f"/Type /Pages /Count {len(self._pages)} /Kids [{kids}]")
        # Printers must not scale: 100 mm are 100 mm.
        preferences = "/ViewerPreferences << /PrintScaling /None >>"
        self._put(self._catalog, f"/Type /Catalog /Pages {self._tree} 0 R /Lang ({self._language}) {preferences}")
        self._close()
        return self._digest.hexdigest()

    def _use(self, part: bytes) -> bytes:
        """Return what shows a part: itself the first time, later the form that holds it."""
        form = self._forms.get(part)
        if form is not None:
            return form
        if part in self._seen and len(self._forms) < _MOST_FORMS:
            return self._write_form(part)
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(part)
        return part

    def _use_static(self, static: Fragment) -> bytes:
        """Return what shows a fragment that surely returns."""
        form = self._forms.get(static.content)
        if form is None:
            self._glyphs.add(static.codes)
            self._pictures.update(static.pictures)
            form = self._write_form(static.content)
        return form

    def _write_form(self, content: bytes) -> bytes:
        number = self._write(
            f"/Type /XObject /Subtype /Form /BBox [-2000 -2000 4000 4000] /Resources {self._resources} 0 R", content
        )
        name = f"X{len(self._form_numbers)}"
        self._form_numbers.append(number)
        form = self._forms[content] = f"/{name} Do".encode()
        return form

    def _write_picture(self, picture: Picture) -> int:
        head = f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} /BitsPerComponent 8"
        mask = ""
        if picture.mask is not None:
            number = self._write_raw(f"{head} /ColorSpace /DeviceGray /Filter /FlateDecode", picture.mask)
            mask = f" /SMask {number} 0 R"
        return self._write_raw(f"{head} /ColorSpace {picture.color_space} /Filter {picture.filter}{mask}", picture.data)

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets)

    def _write(self, dictionary: str, stream: bytes | None) -> int:
        if stream is None:
            number = self._reserve()
            self._put(number, dictionary)
            return number
        return self._write_raw(f"{dictionary} /Filter /FlateDecode", zlib.compress(stream, _COMPRESSION))

    def _write_raw(self, dictionary: str, stream: bytes) -> int:
        number = self._reserve()
        self._offsets[number - 1] = self._written
        self._emit(b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, dictionary.encode(), len(stream)))
        self._emit(stream)
        self._emit(b"\nendstream\nendobj\n")
        return number

    def _put(self, number: int, dictionary: str) -> None:
        self._offsets[number - 1] = self._written
        self._emit(b"%d 0 obj\n<< %b >>\nendobj\n" % (number, dictionary.encode()))

    def _emit(self, data: bytes) -> None:
        self._sink.write(data)
        self._digest.update(data)
        self._written += len(data)

    def _close(self) -> None:
        producer = self._write("/Producer (Soegaki)", None)
        start = self._written
        identity = self._digest.hexdigest()[:32]
        self._emit(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._offsets) + 1))
        self._emit(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets))
        self._emit(
            f"trailer\n<< /Size {len(self._offsets) + 1} /Root {self._catalog} 0 R /Info {producer} 0 R "
            f"/ID [<{identity}> <{identity}>] >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
