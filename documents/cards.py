"""Cards of recommended products, compiled: picture, name, price and note of each row, so many side by side."""

from collections.abc import Iterator

from documents.characters import describe_character
from documents.errors import DocumentError, Refusal
from documents.ink import Ink
from documents.offer_elements import ProductCards
from documents.setting import Draw, Setting, Values
from documents.shapes import Rectangle, draw_picture, paint_outline, round_rectangle
from documents.tables import TableRow, find_field
from documents.typefaces import UndrawableError
from documents.typesetting import TypeStyle, set_lines, write_lines
from documents.units import MM
from documents.values import Row

_BELOW_PICTURE = 2.0
_BESIDE_PICTURE = 3.0
_MOST_KNOWN = 1024
_TOLERANCE = 0.05


class CardMaker:
    """Draws rows of cards; products return in a wave, so each row of cards is drawn once."""

    header: TableRow | None = None

    def __init__(self, element: ProductCards, setting: Setting) -> None:
        self._element = element
        style = setting.styles[element.style]
        price = setting.styles[element.price_style or element.style]
        note = setting.styles[element.note_style or element.style]
        self._texts: tuple[tuple[str, TypeStyle], ...] = (("name", style), ("price", price), ("note", note))
        self._known: dict[tuple[object, ...], TableRow] = {}

    def make_rows(self, values: Values) -> list[TableRow]:
        """Return the rows of cards in order."""
        rows = list(self._make_rows(values, with_notes=True))
        room = self._element.height
        if room is None or _measure(rows) <= room * MM:
            return rows
        rows = list(self._make_rows(values, with_notes=False))
        if _measure(rows) > room * MM:
            raise DocumentError(Refusal.TOO_LONG, self._element.slot, note=f"{room:g} mm")
        return rows

    def _make_rows(self, values: Values, *, with_notes: bool) -> Iterator[TableRow]:
        element = self._element
        products = list(values.get(element.slot) or ())[: element.most]
        for start in range(0, len(products), element.columns):
            together = products[start : start + element.columns]
            if not with_notes:
                together = [{**product, "note": None} for product in together]
            key = (start > 0, *(value for row in together for value in row.values()))
            known = self._known.get(key)
            if known is None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                known = self._known[key] = self._make_row(together, start)
            yield known

    def _make_row(self, products: list[Row], start: int) -> TableRow:
        """Draw cards of equal height side by side; a row after the first has the gap above it."""
        element, above = self._element, self._element.row_gap * MM * (start > 0)
        contents = []
        for number, product in enumerate(products):
            ink = Ink()
            left = number * (element.card_width + element.gutter) * MM
            depth = self._draw_card(product, ink, left, above, f"{element.slot}[{start + number + 1}]")
            contents.append((left, depth, ink))
        height = max(depth for _, depth, _ in contents)
        row = Ink()
        for left, _, ink in contents:
            if element.fill or element.stroke:
                row.parts.append(self._make_frame(left, above, height))
            row.add(ink)
        return TableRow(above + height, row.cut())

    def _make_frame(self, left: float, above: float, height: float) -> bytes:
        element, width, radius = self._element, self._element.card_width * MM, self._element.radius * MM
        outline = f"{left:.2f} {-above - height:.2f} {width:.2f} {height:.2f} re"
        if radius:
            outline = round_rectangle(left, -above - height, width, height, min(radius, width / 2, height / 2))
        return paint_outline(outline, element.fill, element.stroke, element.weight)

    def _draw_card(self, product: Row, ink: Ink, left: float, above: float, place: str) -> float:
        """Draw one card; returns its height."""
        element, padding = self._element, self._element.padding * MM
        beside = element.picture == "beside"
        wide = element.picture_width if beside else element.card_width - 2 * element.padding
        box = Rectangle(left + padding, -above - padding, wide * MM, element.picture_height * MM)
        has_picture = product.get("picture") is not None
        if has_picture:
            self._draw_picture(product, ink, box, place)
        x, y = left + padding, padding
        if beside:
            x += box.width + _BESIDE_PICTURE * MM
        else:
            y += box.height + _BELOW_PICTURE * MM
        depth = self._write_texts(product, ink, (x, above + y), place) + y
        return max(depth, padding + box.height if beside and has_picture else 0.0) + padding

    def _draw_picture(self, product: Row, ink: Ink, box: Rectangle, place: str) -> None:
        element = self._element
        if element.picture_fill:
            radius = element.radius * MM
            outline = round_rectangle(box.left, box.top - box.height, box.width, box.height, radius)
            ink.parts.append(paint_outline(outline, element.picture_fill, None, element.weight))
        data = product["picture"]
        if isinstance(data, bytes):
            draw_picture(ink, data, f"{place}.picture", box, "center")

    def _write_texts(self, product: Row, ink: Ink, place: tuple[float, float], named: str) -> float:
        (x, y), width, depth = place, self._element.text_width * MM, 0.0
        try:
            for field, style in self._texts:
                text = product.get(field)
                if not text:
                    continue
                lines = set_lines(text, style, width)
                if field == "price" and len(lines) > 1:
                    note = f"{self._element.text_width:g} mm"
                    raise DocumentError(Refusal.TOO_LONG, f"{named}.price", note=note)
                write_lines(ink, lines, style, x, -y - depth)
                depth += len(lines) * style.leading
        except UndrawableError as error:
            field = f"{named}.{find_field(product, error.character)}"
            raise DocumentError(error.code, field, character=describe_character(error.character)) from None
        return depth


def _measure(rows: list[TableRow]) -> float:
    return sum(row.height for row in rows) - _TOLERANCE


def compile_cards(element: ProductCards, setting: Setting) -> Draw:
    """All cards in one piece; in the flow, rows of cards are set one by one instead."""
    maker = CardMaker(element, setting)

    def draw(values: Values, ink: Ink, y: float) -> float | None:
        top = y
        for row in maker.make_rows(values):
            ink.place(row.fragment, setting.left, setting.top - top)
            top += row.height
        return top - y if top > y else None

    return draw
