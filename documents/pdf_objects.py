"""Objects of a PDF file, written one after the other: numbers, places, cross-references. Nothing about pages."""

import hashlib
from array import array
from typing import BinaryIO

from isal import isal_zlib

# Fast: pressing a font harder takes eight times as long for four hundredths of its size.
_COMPRESSION = 1
# So much is gathered before it goes into the sink.
_AT_ONCE = 1 << 16
_REFERENCES_AT_ONCE = 10_000


class ObjectFile:
    """Numbers objects from 1. What it keeps of each is its place: eight bytes."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._written = 0
        self._places = array("Q")
        self._emit(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """Return the number of an object that is written later."""
        self._places.append(0)
        return len(self._places)

    def put(self, number: int, dictionary: str) -> None:
        """Write an object whose number was reserved."""
        self._places[number - 1] = self._written
        self._emit(b"%d 0 obj\n<< %b >>\nendobj\n" % (number, dictionary.encode()))

    def write(self, dictionary: str, stream: bytes | None = None) -> int:
        """Write an object, its stream deflated, and return its number."""
        if stream is not None:
            pressed = isal_zlib.compress(stream, _COMPRESSION)
            return self.write_raw(f"{dictionary} /Filter /FlateDecode", pressed)
        number = self.reserve()
        self.put(number, dictionary)
        return number

    def write_raw(self, dictionary: str, stream: bytes) -> int:
        """Write an object whose stream is as its dictionary says."""
        number = self.reserve()
        self._places[number - 1] = self._written
        head = b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, dictionary.encode(), len(stream))
        self._emit(b"".join((head, stream, b"\nendstream\nendobj\n")))
        return number

    def write_page(self, page_head: bytes, stream: bytes) -> int:
        """Write a deflated content stream and the page that shows it; returns the page's number."""
        content = len(self._places) + 1
        head = b"%d 0 obj\n<</Filter/FlateDecode/Length %d>>\nstream\n" % (content, len(stream))
        tail = b"\nendstream\nendobj\n"
        page = b"%d 0 obj\n<<%b/Contents %d 0 R>>\nendobj\n" % (content + 1, page_head, content)
        self._places.append(self._written)
        self._places.append(self._written + len(head) + len(stream) + len(tail))
        self._emit(b"".join((head, stream, tail, page)))
        return content + 1

    def close(self, root: int, info: int) -> str:
        """Write the cross-references and return the SHA-256 of the file."""
        start, count = self._written, len(self._places) + 1
        self._flush()
        # The same content has the same identity.
        identity = self._digest.hexdigest()[:32]
        self._emit(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for first in range(0, count - 1, _REFERENCES_AT_ONCE):
            places = self._places[first : first + _REFERENCES_AT_ONCE]
            self._emit(b"".join([b"%010d 00000 n \n" % place for place in places]))
        self._emit(
            f"trailer\n<< /Size {count} /Root {root} 0 R /Info {info} 0 R "
            f"/ID [<{identity}> <{identity}>] >>\nstartxref\n{start}\n%%EOF\n".encode()
        )
        self._flush()
        return self._digest.hexdigest()

    def _emit(self, data: bytes) -> None:
        self._waiting.append(data)
        self._written += len(data)
        self._waiting_size += len(data)
        if self._waiting_size >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        data = b"".join(self._waiting)
        self._sink.write(data)
        self._digest.update(data)
        self._waiting.clear()
        self._waiting_size = 0
