"""Draws every shipped template with its samples as a small PNG for the documentation: `python -m
documents.gallery_pictures`.
"""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

from documents.catalogue import load_gallery
from documents.checking import CompiledTemplate, compile_template
from documents.rasters import draw_pages
from documents.render import preview
from documents.units import MM

FOLDER = Path(__file__).parents[1] / "docs" / "pictures" / "documents"
LARGEST_BYTES = 60_000
# Looked at beside the text, not printed: what is large is drawn at fewer dots.
_LONGEST_SIDE = 900
_MOST_DPI = 150
_EDGE = "#d8d4c8"


def draw_first_page(template: CompiledTemplate) -> Image.Image:
    """Return the first page of a template with its samples, a hairline around it."""
    page = template.template.page
    scale = min(_MOST_DPI / 72, _LONGEST_SIDE / (max(page.width, page.height) * MM))
    [drawn] = draw_pages(preview(template), scale, [1])
    picture = Image.open(BytesIO(drawn))
    framed = Image.new("RGB", (picture.width + 2, picture.height + 2), _EDGE)
    framed.paste(picture, (1, 1))
    return framed


def pack_picture(picture: Image.Image) -> bytes:
    """Return a PNG of at most LARGEST_BYTES: as many colours as that allows. ValueError when none does."""
    for colours in (128, 64, 32, 16):
        buffer = BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= LARGEST_BYTES:
            return buffer.getvalue()
    raise ValueError(f"The picture cannot be packed into {LARGEST_BYTES} bytes.")


def write_pictures(folder: Path = FOLDER) -> list[Path]:
    """Write one picture per shipped template and language; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for (key, language), document in sorted(load_gallery().items()):
        path = folder / f"{key}.{language}.png"
        path.write_bytes(pack_picture(draw_first_page(compile_template(document))))
        written.append(path)
    return written


def main() -> int:
    written = write_pictures()
    sys.stdout.write(f"{len(written)} pictures in {FOLDER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
