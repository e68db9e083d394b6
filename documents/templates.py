"""The shape of a template: a page in millimetres, styles, slots, fixed elements and a flow. Data only.

`y` is measured from the top of what holds the element: the page, the group, or (in the flow and in stacks) the end of
the element above.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from orders.kinds import LetterClass

Millimetres = Annotated[float, Field(ge=0, le=2000)]
Size = Annotated[float, Field(gt=0, le=2000)]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Kind(StrEnum):
    PACKING_SLIP = "packing_slip"
    GIFT_SLIP = "gift_slip"
    LETTER = "letter"
    INSERT_CARD = "insert_card"
    LABEL = "label"
    WAVE_COVER = "wave_cover"
    PICKING_LIST = "picking_list"


class SlotType(StrEnum):
    TEXT = "text"
    PARAGRAPHS = "paragraphs"
    MONEY = "money"
    DATE = "date"
    NUMBER = "number"
    IMAGE = "image"
    ROWS = "rows"


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Part):
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Margins(Part):
    top: Millimetres
    right: Millimetres
    bottom: Millimetres
    left: Millimetres


class Page(Part):
    width: Annotated[float, Field(ge=30, le=450)]
    height: Annotated[float, Field(ge=20, le=650)]
    margins: Margins


class Style(Part):
    """`size` in points, `leading` as a multiple of it, `tracking` in em."""

    font: str = "gothic"
    bold: bool = False
    size: Annotated[float, Field(ge=4, le=96)]
    leading: Annotated[float, Field(ge=1, le=4)] = 1.5
    color: Color = "#1f1f1f"
    align: Literal["left", "center", "right", "justify"] = "left"
    tracking: Annotated[float, Field(ge=-0.1, le=2)] = 0.0


class SlotSpec(Part):
    """A slot of the catalogue may be named with nothing else; what is given here overrides the catalogue."""

    type: SlotType | None = None
    label: Bilingual | None = None
    sample: Any = None
    required: bool = False
    fields: dict[Name, SlotType] | None = None


class Element(Part):
    x: Millimetres = 0
    y: Millimetres = 0
    on: Literal["first", "later", "every", "last"] = "first"
    show_if_slot: Name | None = None
    show_if_flag: Name | None = None
    keep_with_next: bool = False
    keep_with_previous: bool = False


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


class Line(Element):
    type: Literal["line"]
    width: Millimetres = 0
    height: Millimetres = 0
    color: Color = "#1f1f1f"
    weight: Annotated[float, Field(gt=0, le=10)] = 0.3
    dash: tuple[Size, Size] | None = None


class Box(Element):
    """A rectangle. `weight` in points."""

    type: Literal["box"]
    width: Size
    height: Size
    fill: Color | None = None
    stroke: Color | None = None
    weight: Annotated[float, Field(gt=0, le=10)] = 0.3
    radius: Millimetres = 0


class Path(Element):
    """An ornament: `M x y`, `L x y`, `C x1 y1 x2 y2 x y` and `Z`, in millimetres from the element's corner."""

    type: Literal["path"]
    width: Size
    height: Size
    commands: Annotated[str, Field(pattern=r"^[MLCZ0-9 .\-]+$", max_length=4000)]
    fill: Color | None = None
    stroke: Color | None = None
    weight: Annotated[float, Field(gt=0, le=10)] = 0.3


class Qr(Element):
    """The copy's URL, quiet zone included in `size`."""

    type: Literal["qr"]
    size: Size


class Code128(Element):
    """A Code 128 symbol of the text, quiet zones included in `width`."""

    type: Literal["code128"]
    width: Size
    height: Size
    text: str = "{copy_code_plain}"


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
    weight: Annotated[float, Field(gt=0, le=10)] = 0.3


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
    weight: Annotated[float, Field(gt=0, le=10)] = 0.3
    radius: Millimetres = 0


AnyElement = Annotated[
    Text | TextBox | PageNumber | Image | Line | Box | Path | Qr | Code128 | Table | InsertList | Group,
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
