"""Pages of a PDF file that share forms, fonts and pictures. Same pages, same bytes."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from isal import isal_zlib

from documents.composing import Page
from documents.embedding import write_font
from documents.file_options import PLAIN, FileOptions
from documents.ink import Codes, Fragment, move
from documents.pdf_objects import ObjectFile
from documents.pdf_properties import Properties
from documents.pictures import Picture
from documents.units import MM

# Pages are pressed fast.
_PAGE_COMPRESSION = 1
# Texts wait until there are so many before their glyphs are counted.
_ENOUGH_TEXTS = 10_000
# What is shorter costs less where it stands than in a form of its own.
_SMALLEST_FORM = 48
_MOST_FORMS = 4000
# What seldom returns is forgotten, so that a file of any length takes the same memory.
_MOST_SEEN = 20_000
_MOST_MOVES = 4096
# So many pages to a node of the page tree: readers find page 90,000 without reading those before it.
_NODE = 250


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

    def __init__(self, sink: BinaryIO, language: str, options: FileOptions = PLAIN) -> None:
        self._objects = ObjectFile(sink)
        self.properties = Properties(self._objects, language, options)
        self._calibration = options.calibration
        self._tree, self._resources = self._objects.reserve(), self._objects.reserve()
        self._nodes: list[int] = []
        self._kids: list[int] = []  # of the last node
        self.page_count = 0
        self._glyphs = _GlyphCount()
        self._pictures: dict[str, int] = {}
        self._seen: set[bytes] = set()
        self._forms: dict[bytes, bytes] = {}
        self._form_numbers: list[int] = []
        self._moves: dict[tuple[float, float], bytes] = {}
        self._size = (0.0, 0.0)
        self._page_head = self._correction = b""

    def add_page(self, page: Page) -> int:
        """Write a page and return the number of its object."""
        return self.write_page(page.width, page.height, self.list_content(page))

    def list_content(self, page: Page) -> list[bytes]:
        """Return the operators that draw a page, to be written onto a page of this file."""
        ink, forms, moves = page.ink, self._forms, self._moves
        content = [self._show_static(page.static)] if page.static else []
        if ink.codes:
            self._glyphs.add(ink.codes)
        if ink.pictures:
            self._add_pictures(ink.pictures)
        for part in ink.parts:
            if not isinstance(part, bytes):
                x, y, fragment = part
                content.append(moves.get((x, y)) or self._move(x, y))
                content.append(forms.get(fragment.content) or self._show(fragment))
                content.append(b"Q")
            elif len(part) < _SMALLEST_FORM:
                content.append(part)
            else:
                content.append(forms.get(part) or self._notice(part))
        return content

    def write_page(self, width: float, height: float, content: list[bytes]) -> int:
        """Write a page of this size (points) and return the number of its object."""
        if not self.page_count % _NODE:
            self._begin_node()
        if (width, height) != self._size:
            self._begin_size(width, height)
        if self._correction:
            content.insert(0, self._correction)
        stream = isal_zlib.compress(b"\n".join(content), _PAGE_COMPRESSION)
        number = self._objects.write_page(self._page_head, stream)
        self._kids.append(number)
        self.page_count += 1
        return number

    def finish(self) -> str:
        """Write what the pages share, and return the SHA-256 of the file."""
        objects = self._objects
        fonts = {font: write_font(font, codes, objects.write) for font, codes in self._glyphs.list_codes().items()}
        drawables = [f"/{name} {number} 0 R" for name, number in sorted(self._pictures.items())]
        drawables += [f"/X{place} {number} 0 R" for place, number in enumerate(self._form_numbers)]
        named_fonts = " ".join(f"/F{index} {number} 0 R" for index, number in fonts.items())
        objects.put(self._resources, f"/Font << {named_fonts} >> /XObject << {' '.join(drawables)} >>")
        self._end_node()
        kids = " ".join(f"{number} 0 R" for number in self._nodes)
        objects.put(
            self._tree,
            f"/Type /Pages /Count {self.page_count} /Kids [{kids}] /Resources {self._resources} 0 R",
        )
        root, info = self.properties.write(self._tree)
        return objects.close(root, info)

    def _begin_node(self) -> None:
        self._end_node()
        self._nodes.append(self._objects.reserve())
        self._size = (0.0, 0.0)

    def _end_node(self) -> None:
        if self._kids:
            kids = " ".join(f"{number} 0 R" for number in self._kids)
            self._objects.put(
                self._nodes[-1], f"/Type /Pages /Parent {self._tree} 0 R /Count {len(self._kids)} /Kids [{kids}]"
            )
            self._kids = []

    def _begin_size(self, width: float, height: float) -> None:
        self._size = (width, height)
        self._page_head = b"/Type/Page/Parent %d 0 R/MediaBox[0 0 %.3f %.3f]" % (self._nodes[-1], width, height)
        own = self._calibration
        if not own.is_neutral:
            right, up = own.offset_x * MM, height * (1 - own.scale_y) - own.offset_y * MM
            self._correction = b"%.6f 0 0 %.6f %.3f %.3f cm" % (own.scale_x, own.scale_y, right, up)

    def _move(self, x: float, y: float) -> bytes:
        if len(self._moves) >= _MOST_MOVES:
            self._moves.clear()
        known = self._moves[x, y] = move(x, y)
        return known

    def _show(self, fragment: Fragment) -> bytes:
        """Return what shows a fragment: itself the first time, later the form that holds it."""
        if fragment.content not in self._seen:
            self._glyphs.add(fragment.codes)
            self._add_pictures(fragment.pictures)
        return self._notice(fragment.content)

    def _notice(self, content: bytes) -> bytes:
        """Return a part as it is, or what shows it when it was seen before: the form that holds it from now on."""
        if content not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen.add(content)
        elif len(content) >= _SMALLEST_FORM and len(self._forms) < _MOST_FORMS:
            return self._write_form(content)
        return content

    def _show_static(self, static: Fragment) -> bytes:
        """Return what shows a fragment that surely returns."""
        form = self._forms.get(static.content)
        if form is None:
            self._glyphs.add(static.codes)
            self._add_pictures(static.pictures)
            form = self._write_form(static.content)
        return form

    def _write_form(self, content: bytes) -> bytes:
        number = self._objects.write(
            f"/Type /XObject /Subtype /Form /BBox [-2000 -2000 4000 4000] /Resources {self._resources} 0 R", content
        )
        name = f"X{len(self._form_numbers)}"
        self._form_numbers.append(number)
        form = self._forms[content] = f"/{name} Do".encode()
        return form

    def _add_pictures(self, pictures: dict[str, Picture]) -> None:
        """Write each picture when it is first seen, so that it need not be kept."""
        for name, picture in pictures.items():
            if name not in self._pictures:
                self._pictures[name] = self._write_picture(picture)

    def _write_picture(self, picture: Picture) -> int:
        write = self._objects.write_raw
        head = f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} /BitsPerComponent 8"
        mask = ""
        if picture.mask is not None:
            number = write(f"{head} /ColorSpace /DeviceGray /Filter /FlateDecode", picture.mask)
            mask = f" /SMask {number} 0 R"
        return write(f"{head} /ColorSpace {picture.color_space} /Filter {picture.filter}{mask}", picture.data)
