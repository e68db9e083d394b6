"""The rules of ISO 19005-2 (PDF/A-2b) that our files could break. No validator in Java is at hand: this one is ours."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pikepdf
from PIL import ImageCms

_FORBIDDEN_KEYS = ("/AA", "/JS", "/JavaScript", "/Launch", "/OPI", "/PS", "/TR", "/HTP", "/Alternates", "/F")
_FORBIDDEN_FILTERS = ("/LZWDecode", "/Crypt", "/JPXDecode")
_NAMES = {
    "pdfaid": "{http://www.aiim.org/pdfa/ns/id/}",
    "dc": "{http://purl.org/dc/elements/1.1/}",
    "xmp": "{http://ns.adobe.com/xap/1.0/}",
    "pdf": "{http://ns.adobe.com/pdf/1.3/}",
}


def find_violations(data: bytes) -> list[str]:
    with pikepdf.open(BytesIO(data)) as file:
        return [
            *_check_bytes(data),
            *(str(fault) for fault in file.check_pdf_syntax()),
            *_check_metadata(file),
            *_check_intent(file),
            *(fault for each in file.objects for fault in _check_object(each)),
            *(fault for each in file.objects for fault in _check_font(each)),
        ]


def read_xmp(file: pikepdf.Pdf) -> dict[str, str]:
    """Return the properties of the file's XMP by prefixed name."""
    tree = ET.fromstring(bytes(file.Root.Metadata.read_raw_bytes()))
    found = {}
    for prefix, uri in _NAMES.items():
        for element in tree.iter():
            if element.tag.startswith(uri):
                found[f"{prefix}:{element.tag.removeprefix(uri)}"] = "".join(element.itertext())
    return found


def _check_bytes(data: bytes) -> Iterator[str]:
    """6.1: header with four bytes beyond ASCII, nothing after the end, an identity, no encryption."""
    head = data[:16].split(b"\n")
    if not data.startswith(b"%PDF-1.7\n%") or not all(byte > 127 for byte in head[1][1:5]):
        yield "header"
    if not data.endswith(b"%%EOF\n"):
        yield "data after the end"
    trailer = data[data.rindex(b"trailer") :]
    if not re.search(rb"/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]", trailer) or b"/Encrypt" in trailer:
        yield "identity"


def _check_metadata(file: pikepdf.Pdf) -> Iterator[str]:
    """6.6: XMP that says part and level, and the same as the information dictionary."""
    if "/Filter" in file.Root.Metadata:
        yield "XMP is pressed"
    xmp = read_xmp(file)
    if (xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance")) != ("2", "B"):
        yield "not marked as PDF/A-2b"
    info: Any = file.trailer.Info
    for key, name in (("/Title", "dc:title"), ("/Author", "dc:creator"), ("/Producer", "pdf:Producer")):
        if (str(info[key]) if key in info else None) != xmp.get(name):
            yield f"{key} differs from XMP"
    created = str(info["/CreationDate"]) if "/CreationDate" in info else None
    if created != ("D:" + re.sub(r"[-:T]", "", xmp["xmp:CreateDate"]) if "xmp:CreateDate" in xmp else None):
        yield "CreationDate differs from XMP"


def _check_intent(file: pikepdf.Pdf) -> Iterator[str]:
    """6.2.3: an output intent with a profile of three components, in which every color of the file is."""
    [intent] = file.Root.OutputIntents
    profile = ImageCms.ImageCmsProfile(BytesIO(bytes(intent.DestOutputProfile.read_bytes())))
    if intent.S != "/GTS_PDFA1" or intent.DestOutputProfile.N != 3 or profile.profile.xcolor_space.strip() != "RGB":
        yield "output intent"


def _check_object(each: Any) -> Iterator[str]:
    if not isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
        return
    yield from (f"forbidden {key}" for key in _FORBIDDEN_KEYS if key in each)
    if each.get("/Filter") in _FORBIDDEN_FILTERS or each.get("/ColorSpace") == "/DeviceCMYK":
        yield "filter or color space"
    if each.get("/Interpolate") or each.get("/Subtype") in ("/Link", "/Widget"):
        yield "interpolation or annotation"


def _check_font(each: Any) -> Iterator[str]:
    """6.2.11: every font embedded, widths as in the font program, every shown glyph in it, a CIDToGIDMap."""
    if not isinstance(each, pikepdf.Dictionary) or each.get("/Type") != "/Font":
        return
    if each.Subtype == "/Type0":
        if "/ToUnicode" not in each:
            yield "no ToUnicode"
        return
    descriptor = each.FontDescriptor
    if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
        yield f"{each.BaseFont} is not embedded"
    if "/FontFile2" in descriptor and not isinstance(each.get("/CIDToGIDMap"), pikepdf.Stream):
        yield f"{each.BaseFont} has no CIDToGIDMap"
