"""What a PDF file says about itself: properties, XMP, output intent, bookmarks, page labels, how it wants printing."""

from datetime import UTC
from typing import NamedTuple
from xml.sax.saxutils import escape

from documents.color_profile import make_srgb_profile
from documents.file_options import Duplex, FileOptions
from documents.pdf_objects import ObjectFile

PRODUCER = "Soegaki"
_TURNING = {Duplex.LONG_EDGE: "DuplexFlipLongEdge", Duplex.SHORT_EDGE: "DuplexFlipShortEdge"}
# So many labels to a node of their tree.
_LABELS = 500
_SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


class _Bookmark(NamedTuple):
    """`is_inside` the group before it."""

    title: str
    page: int
    is_group: bool = False
    is_inside: bool = False


class _Label(NamedTuple):
    """From this page on (0 is the first), pages are called by the text and their number."""

    first: int
    prefix: str
    is_numbered: bool


class Properties:
    """Takes note of copies while pages are written; then `write`."""

    def __init__(self, objects: ObjectFile, language: str, options: FileOptions) -> None:
        self._objects, self._language, self._options = objects, language, options
        self._bookmarks: list[_Bookmark] = []
        self._labels: list[_Label] = []
        self._last_group = self._last_reference = ""
        self._is_noting = options.bookmarks or options.page_labels

    def note_group(self, group: str, index: int, page: int) -> None:
        """Say that a group begins on the page of this index, which is the object of number `page`."""
        if not self._is_noting or group == self._last_group:
            return
        self._last_group, self._last_reference = group, ""
        if group:
            self._bookmarks.append(_Bookmark(group, page, is_group=True))
            self._labels.append(_Label(index, group, False))

    def note_copy(self, group: str, reference: str, index: int, page: int) -> None:
        """Say that a copy begins there. Copies of one reference that follow each other count as one."""
        if not self._is_noting:
            return
        self.note_group(group, index, page)
        if reference and reference == self._last_reference:
            return
        self._last_reference = reference
        if reference:
            self._bookmarks.append(_Bookmark(reference, page, is_inside=bool(group)))
        if self._labels and self._labels[-1].first == index:
            self._labels.pop()  # The group has no page of its own.
        self._labels.append(_Label(index, f"{reference}-" if reference else "", True))

    def write(self, tree: int) -> tuple[int, int]:
        """Write everything and return the numbers of the catalog and of the properties."""
        options = self._options
        entries = [f"/Type /Catalog /Pages {tree} 0 R /Lang ({self._language})", self._list_preferences()]
        if options.title or options.author or options.created_at or options.pdf_a:
            xmp = make_xmp(options, self._language).encode()
            entries.append(f"/Metadata {self._objects.write_raw('/Type /Metadata /Subtype /XML', xmp)} 0 R")
        if options.pdf_a:
            entries.append(f"/OutputIntents [{self._write_intent()} 0 R]")
        if options.page_labels and options.sheet is None and self._labels:
            entries.append(f"/PageLabels {self._write_labels()} 0 R")
        if options.bookmarks and self._bookmarks:
            entries.append(f"/Outlines {self._write_bookmarks()} 0 R /PageMode /UseOutlines")
        return self._objects.write(" ".join(entries)), self._objects.write(self._list_properties())

    def _list_preferences(self) -> str:
        """Printers must not scale: 100 mm are 100 mm."""
        wanted = ["/PrintScaling /None"]
        if self._options.duplex in _TURNING:
            wanted.append(f"/Duplex /{_TURNING[self._options.duplex]}")
        if self._options.tray_by_size:
            wanted.append("/PickTrayByPDFSize true")
        if self._options.title:
            wanted.append("/DisplayDocTitle true")
        return f"/ViewerPreferences << {' '.join(wanted)} >>"

    def _list_properties(self) -> str:
        options = self._options
        entries = [f"/Producer {write_string(PRODUCER)}"]
        if options.title:
            entries.append(f"/Title {write_string(options.title)}")
        if options.author:
            entries.append(f"/Author {write_string(options.author)}")
        if options.created_at:
            entries.append(f"/CreationDate ({options.created_at.astimezone(UTC):D:%Y%m%d%H%M%SZ})")
        return " ".join(entries)

    def _write_intent(self) -> int:
        profile = self._objects.write("/N 3", make_srgb_profile())
        name = "(sRGB IEC61966-2.1)"
        return self._objects.write(
            f"/Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier {name} /Info {name} "
            f"/DestOutputProfile {profile} 0 R"
        )

    def _write_labels(self) -> int:
        labels = self._labels if self._labels[0].first == 0 else [_Label(0, "", True), *self._labels]
        nodes = []
        for start in range(0, len(labels), _LABELS):
            part = labels[start : start + _LABELS]
            listed = " ".join(f"{label.first} << {_write_label(label)} >>" for label in part)
            limits = f"/Limits [{part[0].first} {part[-1].first}]"
            nodes.append(self._objects.write(f"{limits} /Nums [{listed}]"))
        return self._objects.write(f"/Kids [{' '.join(f'{node} 0 R' for node in nodes)}]")

    def _write_bookmarks(self) -> int:
        """Write groups, and beneath each its references; references without a group stand beside them."""
        root = self._objects.reserve()
        tree = _plant(self._bookmarks)
        numbers = [self._objects.reserve() for _ in self._bookmarks]
        for place, bookmark in enumerate(self._bookmarks):
            links = " ".join(f"/{name} {numbers[other]} 0 R" for name, other in tree.links[place].items())
            parent = tree.parents[place]
            count = tree.children[place]
            self._objects.put(
                numbers[place],
                f"/Title {write_string(bookmark.title)} /Parent {root if parent is None else numbers[parent]} 0 R "
                f"{links}{f' /Count {-count}' if count else ''} /Dest [{bookmark.page} 0 R /Fit]",
            )
        tops = [number for number, parent in zip(numbers, tree.parents, strict=True) if parent is None]
        self._objects.put(root, f"/Type /Outlines /First {tops[0]} 0 R /Last {tops[-1]} 0 R /Count {len(tops)}")
        return root


class _Tree(NamedTuple):
    """By the place of a bookmark: its parent's place, its neighbours' and children's, how many children it has."""

    parents: list[int | None]
    links: list[dict[str, int]]
    children: list[int]


def _plant(bookmarks: list[_Bookmark]) -> _Tree:
    tree = _Tree([], [{} for _ in bookmarks], [0] * len(bookmarks))
    group: int | None = None
    last: dict[int | None, int] = {}
    for place, bookmark in enumerate(bookmarks):
        parent = group if bookmark.is_inside else None
        if bookmark.is_group:
            group = place
        tree.parents.append(parent)
        if parent in last:
            tree.links[place]["Prev"] = last[parent]
            tree.links[last[parent]]["Next"] = place
        elif parent is not None:
            tree.links[parent]["First"] = place
        if parent is not None:
            tree.links[parent]["Last"] = place
            tree.children[parent] += 1
        last[parent] = place
    return tree


def write_string(text: str) -> str:
    """Return a text as a PDF string that readers show."""
    if text.isascii() and text.isprintable():
        return "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _write_label(label: _Label) -> str:
    return f"/P {write_string(label.prefix)}{' /S /D' if label.is_numbered else ''}"


def make_xmp(options: FileOptions, language: str) -> str:
    """Return the properties as XMP (ISO 16684-1), the same as those of the information dictionary."""
    told = [f"<pdf:Producer>{PRODUCER}</pdf:Producer>"]
    if options.title:
        title = escape(options.title)
        told.append(f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>')
    if options.author:
        told.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(options.author)}</rdf:li></rdf:Seq></dc:creator>")
    if options.created_at:
        moment = options.created_at.astimezone(UTC)
        told.append(f"<xmp:CreateDate>{moment:%Y-%m-%dT%H:%M:%SZ}</xmp:CreateDate>")
    if options.pdf_a:
        told.append("<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>")
    told.append(f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>")
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces}>{"".join(told)}</rdf:Description></rdf:RDF></x:xmpmeta>\n'
        '<?xpacket end="r"?>'
    )
