"""The shape of a template: a page in millimetres, styles, slots, fixed elements and a flow. Data only.

`y` is measured from the top of what holds the element: the page, the group, or (in the flow and in stacks) the end of
the element above.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from documents.formats import FORMATS, resolve_format
from documents.offer_elements import Coupon, ProductCards
from documents.parts import Color, Element, Millimetres, Name, Part, Points, Resolution, Size
from orders.kinds import LetterClass


class Kind(StrEnum):
    PACKING_SLIP = "packing_slip"
    GIFT_SLIP = "gift_slip"
    LETTER = "letter"
    INSERT_CARD = "insert_card"
    LABEL = "label"
    WAVE_COVER = "wave_cover"
    PICKING_LIST = "picking_list"
    INVOICE = "invoice"
    SIMPLIFIED_INVOICE = "simplified_invoice"
    RETURN_INVOICE = "return_invoice"


class SlotType(StrEnum):
    TEXT = "text"
    PARAGRAPHS = "paragraphs"
    MONEY = "money"
    DATE = "date"
    NUMBER = "number"
    IMAGE = "image"
    ROWS = "rows"


class Bilingual(Part):
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Margins(Part):
    top: Millimetres
    right: Millimetres
    bottom: Millimetres
    left: Millimetres


class Page(Part):
    """A named `format`, or `width` and `height` in millimetres. `resolution` is that of the printer it is made for."""

    format: str | None = None
    orientation: Literal["portrait", "landscape"] = "portrait"
    width: Annotated[float, Field(ge=30, le=450)]
    height: Annotated[float, Field(ge=20, le=650)]
    margins: Margins
    resolution: Resolution = 203

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("format") is None:
            return given
        size = resolve_format(str(given["format"]), given.get("orientation", "portrait"))
        if size is None:
            raise ValueError(f"format is one of {', '.join(FORMATS)}")
        if (given.get("width", size[0]), given.get("height", size[1])) != size:
            raise ValueError(f"{given['format']} is {size[0]:g} × {size[1]:g} mm")
        return given | {"width": size[0], "height": size[1]}


class Style(Part):
    """`size` in points, `leading` as a multiple of it, `tracking` in em.

    `hanging`: a stop or comma may stand over the edge (ぶら下げ). `breaking`: at any letter or between phrases (文節).
    `latin_gap`: space in em between Japanese and Western letters; a quarter (0.25) is the classic one (四分アキ).
    """

    font: str = "gothic"
    bold: bool = False
    size: Annotated[float, Field(ge=4, le=96)]
    leading: Annotated[float, Field(ge=1, le=4)] = 1.5
    color: Color = "#1f1f1f"
    align: Literal["left", "center", "right", "justify"] = "left"
    tracking: Annotated[float, Field(ge=-0.1, le=2)] = 0.0
    hanging: bool = True
    breaking: Literal["letter", "phrase"] = "letter"
    latin_gap: Annotated[float, Field(ge=0, le=0.5)] = 0.0


class SlotSpec(Part):
    """A slot of the catalogue may be named with nothing else; what is given here overrides the catalogue.

    `most` is how many rows a slot of rows takes.
    """

    type: SlotType | None = None
    label: Bilingual | None = None
    sample: Any = None
    required: bool = False
    fields: dict[Name, SlotType] | None = None
    most: Annotated[int, Field(ge=1, le=5000)] | None = None


class Text(Element):
    """One line. It shrinks to `floor` points when told to, else it is refused when too wide."""

    type: Literal["text"]
    width: Size
    text: str = Field(min_length=1)
    style: str
    overflow: Literal["refuse", "shrink"] = "refuse"
    floor: Annotated[float, Field(ge=4, le=96)] = 6.0


class TextBox(Element):
    """Lines broken to the width. Without `height` as tall as its text; `continue` (in the flow) goes on overleaf."""

    type: Literal["text_box"]
    width: Size
    height: Size | None = None
    text: str = Field(min_length=1)
    style: str
    overflow: Literal["refuse", "shrink", "continue"] = "refuse"
    floor: Annotated[float, Field(ge=4, le=96)] = 6.0
    vertical: Literal["top", "middle", "bottom"] = "top"
    paragraph_gap: Millimetres = 0


class VerticalBox(Element):
    """Columns from right to left, read downwards, broken to the height. Refused when they need more than the width, or
    shrunk to `floor`. The style's `align` moves a column: left is up, right is down. Figures longer than two are
    turned, or written in `kanji`. `rule` draws lines between the columns, as writing paper has them.
    """

    type: Literal["vertical_box"]
    width: Size
    height: Size
    text: str = Field(min_length=1)
    style: str
    overflow: Literal["refuse", "shrink"] = "refuse"
    floor: Annotated[float, Field(ge=4, le=96)] = 6.0
    horizontal: Literal["right", "center", "left"] = "right"
    figures: Literal["turned", "kanji"] = "turned"
    paragraph_gap: Millimetres = 0
    rule: Color | None = None
    weight: Points = 0.3


class PageNumber(Element):
    """`{page}` and `{pages}`. With `only_if_many` a document of one page bears none."""

    type: Literal["page_number"]
    width: Size
    text: str = "{page} / {pages}"
    style: str
    only_if_many: bool = True


class Image(Element):
    """A picture slot, scaled to fit."""

    type: Literal["image"]
    width: Size
    height: Size
    slot: Name
    align: Literal["left", "center", "right"] = "center"


class Picture(Element):
    """A picture of the shop's library by its key, the same in every copy: a mark, a photograph, a letterhead's page."""

    type: Literal["picture"]
    width: Size
    height: Size
    picture: Name
    align: Literal["left", "center", "right"] = "center"


class Line(Element):
    type: Literal["line"]
    width: Millimetres = 0
    height: Millimetres = 0
    color: Color = "#1f1f1f"
    weight: Points = 0.3
    dash: tuple[Size, Size] | None = None


class Box(Element):
    """A rectangle. `weight` in points."""

    type: Literal["box"]
    width: Size
    height: Size
    fill: Color | None = None
    stroke: Color | None = None
    weight: Points = 0.3
    dash: tuple[Size, Size] | None = None
    radius: Millimetres = 0


class Path(Element):
    """An ornament: `M x y`, `L x y`, `C x1 y1 x2 y2 x y` and `Z`, in millimetres from the element's corner."""

    type: Literal["path"]
    width: Size
    height: Size
    commands: Annotated[str, Field(pattern=r"^[MLCZ0-9 .\-]+$", max_length=4000)]
    fill: Color | None = None
    stroke: Color | None = None
    weight: Points = 0.3


class Qr(Element):
    """The copy's URL, or another `text`; quiet zone included in `size`. Without `resolution` the page's counts."""

    type: Literal["qr"]
    size: Size
    text: str | None = None
    resolution: Resolution | None = None


class Code128(Element):
    """A Code 128 symbol of the text, quiet zones included in `width`."""

    type: Literal["code128"]
    width: Size
    height: Size
    text: str = "{copy_code_plain}"
    resolution: Resolution | None = None


class Ean13(Element):
    """An EAN-13 (JAN) symbol, quiet zones included in `width`; with a `style` its digits stand beneath the bars."""

    type: Literal["ean13"]
    width: Size
    height: Size
    text: str = Field(min_length=1)
    style: str | None = None
    resolution: Resolution | None = None


class Column(Part):
    """A column shows `text` (by default its field) and beneath it, smaller, `note` for the rows that have it."""

    field: Name
    width: Size
    label: str = ""
    text: str = ""
    note: str = ""
    mark: Literal["none", "dot", "checkbox"] = "none"
    align: Literal["left", "center", "right"] = "left"
    style: str | None = None


class Table(Element):
    """One row per entry of a `rows` slot; its header is repeated on each page.

    `padding` is above and below each row, `inset` left and right of the columns, `gutter` between them.
    """

    type: Literal["table"]
    width: Size
    slot: Name
    columns: tuple[Column, ...] = Field(min_length=1)
    style: str
    header_style: str | None = None
    note_style: str | None = None
    padding: Millimetres = 1.2
    inset: Millimetres = 0
    gutter: Millimetres = 2.0
    hide_single_quantity: bool = False
    header_fill: Color | None = None
    header_rule: Color | None = None
    row_rule: Color | None = None
    weight: Points = 0.3


class InsertList(Element):
    """What is enclosed: a mark, the name, the quantity when above one, the note."""

    type: Literal["insert_list"]
    width: Size
    slot: Name = "inserts"
    style: str
    note_style: str | None = None
    mark: Literal["none", "dot", "checkbox"] = "dot"
    padding: Millimetres = 0.5


class Group(Element):
    """Elements kept together, in layers (each at its own y) or in a stack, with an optional frame around them."""

    type: Literal["group"]
    width: Size
    elements: "tuple[AnyElement, ...]" = Field(min_length=1)
    stack: bool = False
    padding: Millimetres = 0
    fill: Color | None = None
    stroke: Color | None = None
    weight: Points = 0.3
    dash: tuple[Size, Size] | None = None
    radius: Millimetres = 0


AnyElement = Annotated[
    Text
    | TextBox
    | VerticalBox
    | PageNumber
    | Image
    | Picture
    | Line
    | Box
    | Path
    | Qr
    | Code128
    | Ean13
    | Table
    | InsertList
    | ProductCards
    | Coupon
    | Group,
    Field(discriminator="type"),
]


class Frame(Part):
    """Where the flow runs on a page, in millimetres from the top of the page."""

    top: Millimetres
    bottom: Size


class Flow(Part):
    first: Frame
    later: Frame
    elements: tuple[AnyElement, ...] = Field(min_length=1)


class Template(Part):
    key: Name
    language: Literal["ja", "en"]
    kind: Kind
    name: Bilingual
    letter_class: LetterClass = LetterClass.NONE
    sealed: bool = False
    page: Page
    styles: dict[Name, Style] = Field(min_length=1)
    slots: dict[Name, SlotSpec] = Field(default_factory=dict)
    flags: dict[Name, Bilingual] = Field(default_factory=dict)
    elements: tuple[AnyElement, ...] = ()
    flow: Flow | None = None
