"""The structure of a PDF file: objects, pages that share forms, fonts and pictures. Same pages, same bytes."""

import hashlib
import zlib
from collections import defaultdict
from io import BytesIO

from documents.embedding import write_font
from documents.marks import LaidOutPage, Mark
from documents.painting import Painter
from documents.pictures import Picture

_COMPRESSION = 6


class PdfFile:
    """Takes pages one by one, then `finish`."""

    def __init__(self, language: str) -> None:
        self._buffer = BytesIO()
        self._buffer.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._offsets: list[int] = []
        self._language = language
        self._catalog, self._tree, self._resources = (self._reserve() for _ in range(3))
        self._pages: list[int] = []
        self._characters: dict[int, set[str]] = defaultdict(set)
        self._pictures: dict[str, Picture] = {}
        self._forms: dict[int, tuple[str, int, tuple[Mark, ...]]] = {}

    def add_page(self, page: LaidOutPage) -> None:
        painter = Painter(page.height)
        if page.static:
            painter.use_form(self._find_form(page))
        for placement in page.placements:
            painter.paint(placement.marks, placement.x, placement.y)
        self._take(painter)
        content = self._write("", painter.content)
        self._pages.append(
            self._write(
                f"/Type /Page /Parent {self._tree} 0 R /MediaBox [0 0 {page.width:.3f} {page.height:.3f}] "
                f"/Resources {self._resources} 0 R /Contents {content} 0 R",
                None,
            )
        )

    def finish(self) -> bytes:
        """Write what the pages share, and return the file."""
        fonts = {index: write_font(index, texts, self._write) for index, texts in sorted(self._characters.items())}
        pictures = {name: self._write_picture(picture) for name, picture in sorted(self._pictures.items())}
        drawables = [f"/{name} {number} 0 R" for name, number in pictures.items()]
        drawables += [f"/{name} {number} 0 R" for name, number, _ in self._forms.values()]
        named_fonts = " ".join(f"/F{index} {number} 0 R" for index, number in fonts.items())
        self._put(self._resources, f"/Font << {named_fonts} >> /XObject << {' '.join(drawables)} >>")
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._put(self._tree, f"/Type /Pages /Count {len(self._pages)} /Kids [{kids}]")
        # Printers must not scale: 100 mm are 100 mm.
        preferences = "/ViewerPreferences << /PrintScaling /None >>"
        self._put(self._catalog, f"/Type /Catalog /Pages {self._tree} 0 R /Lang ({self._language}) {preferences}")
        return self._close()

    def _find_form(self, page: LaidOutPage) -> str:
        """Return the name of the form that holds a page's static marks, written when first used."""
        known = self._forms.get(id(page.static))
        if known is None:
            painter = Painter(page.height)
            painter.paint(page.static, 0.0, 0.0)
            self._take(painter)
            number = self._write(
                f"/Type /XObject /Subtype /Form /BBox [0 0 {page.width:.3f} {page.height:.3f}] "
                f"/Resources {self._resources} 0 R",
                painter.content,
            )
            # Holding on to the marks keeps their identity from being used again.
            known = self._forms[id(page.static)] = (f"S{len(self._forms)}", number, page.static)
        return known[0]

    def _take(self, painter: Painter) -> None:
        for font, characters in painter.characters.items():
            self._characters[font] |= characters
        self._pictures |= painter.pictures

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
        self._offsets[number - 1] = self._buffer.tell()
        self._buffer.write(b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, dictionary.encode(), len(stream)))
        self._buffer.write(stream)
        self._buffer.write(b"\nendstream\nendobj\n")
        return number

    def _put(self, number: int, dictionary: str) -> None:
        self._offsets[number - 1] = self._buffer.tell()
        self._buffer.write(b"%d 0 obj\n<< %b >>\nendobj\n" % (number, dictionary.encode()))

    def _close(self) -> bytes:
        producer = self._write_info()
        start = self._buffer.tell()
        identity = hashlib.sha256(self._buffer.getbuffer()).hexdigest()[:32]
        self._buffer.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(self._offsets) + 1))
        self._buffer.write(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets))
        self._buffer.write(
            f"trailer\n<< /Size {len(self._offsets) + 1} /Root {self._catalog} 0 R /Info {producer} 0 R "
            f"/ID [<{identity}> <{identity}>] >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
        return self._buffer.getvalue()

    def _write_info(self) -> int:
        return self._write("/Producer (Soegaki)", None)
