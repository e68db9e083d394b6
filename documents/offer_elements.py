"""Elements that offer something: a coupon, and cards of recommended products. Data only."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from documents.parts import Color, Element, Millimetres, Name, Points, Size

_NARROWEST_TEXT = 15.0


class ProductCards(Element):
    """Products with picture and price, one card per row of a slot, in a grid of so many `columns`.

    The rows' fields `name`, `price`, `picture` and `note` are shown where they are. Card rows are never parted; in
    the flow they go on overleaf. `picture_width` counts when the picture stands beside the text. What would be taller
    than `height` is shown without its notes; what still is, is refused.
    """

    type: Literal["product_cards"]
    width: Size
    height: Size | None = None
    slot: Name = "recommended_products"
    columns: Annotated[int, Field(ge=1, le=6)] = 3
    most: Annotated[int, Field(ge=1, le=24)] = 6
    picture: Literal["above", "beside"] = "above"
    picture_height: Size = 24
    picture_width: Size = 24
    picture_fill: Color | None = None
    style: str
    price_style: str | None = None
    note_style: str | None = None
    gutter: Millimetres = 4
    row_gap: Millimetres = 4
    padding: Millimetres = 0
    fill: Color | None = None
    stroke: Color | None = None
    weight: Points = 0.3
    radius: Millimetres = 0

    @property
    def card_width(self) -> float:
        return (self.width - self.gutter * (self.columns - 1)) / self.columns

    @property
    def text_width(self) -> float:
        taken = self.picture_width + 3 if self.picture == "beside" else 0.0
        return self.card_width - 2 * self.padding - taken

    @model_validator(mode="after")
    def _leave_room(self) -> "ProductCards":
        if self.text_width < _NARROWEST_TEXT:
            raise ValueError(f"a card leaves {self.text_width:.1f} mm for its text")
        return self


class Coupon(Element):
    """A coupon: title, value, code, until when, on what terms; beside it a QR symbol, or beneath it bars of its code.

    It is shown with `coupon_code` present only, or with the slot that `show_if_slot` names.
    """

    type: Literal["coupon"]
    width: Size
    title: str = "{coupon_title}"
    value: str = "{coupon_value}"
    code: str = "{coupon_code}"
    expires: str = "{coupon_expires_on}"
    terms: str = "{coupon_terms}"
    symbol: Literal["none", "qr", "code128"] = "none"
    symbol_size: Size = 20
    title_style: str
    value_style: str
    code_style: str
    note_style: str
    gap: Millimetres = 1.2
    padding: Millimetres = 4
    fill: Color | None = None
    stroke: Color | None = None
    dash: tuple[Size, Size] | None = None
    weight: Points = 0.5
    radius: Millimetres = 0

    @property
    def text_width(self) -> float:
        return self.width - 2 * self.padding - (self.symbol_size + 3 if self.symbol == "qr" else 0.0)

    @model_validator(mode="after")
    def _leave_room(self) -> "Coupon":
        if self.text_width < _NARROWEST_TEXT:
            raise ValueError(f"the coupon leaves {self.text_width:.1f} mm for its text")
        return self
