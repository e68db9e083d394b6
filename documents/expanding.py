"""Turns what is written for people into what is drawn: coupons become groups, codes get the page's resolution."""

from functools import lru_cache
from typing import Any

from documents.offer_elements import Coupon
from documents.parts import Resolution
from documents.templates import AnyElement, Code128, Ean13, Group, Qr, Template, Text, TextBox

_SYMBOL_GAP = 3.0
_BARS_HEIGHT = 9.0


def expand_template(template: Template) -> Template:
    """Return the same template without coupons, with the resolution of every code."""
    resolution = template.page.resolution
    changes: dict[str, Any] = {"elements": _expand_all(template.elements, resolution)}
    if template.flow is not None:
        flowing = _expand_all(template.flow.elements, resolution)
        changes["flow"] = template.flow.model_copy(update={"elements": flowing})
    return template.model_copy(update=changes)


def _expand_all(elements: tuple[AnyElement, ...], resolution: Resolution) -> tuple[AnyElement, ...]:
    return tuple(_expand(element, resolution) for element in elements)


def _expand(element: AnyElement, resolution: Resolution) -> AnyElement:
    if isinstance(element, Coupon):
        element = expand_coupon(element)
    if isinstance(element, Group):
        return element.model_copy(update={"elements": _expand_all(element.elements, resolution)})
    if isinstance(element, Qr | Code128 | Ean13) and element.resolution is None:
        return element.model_copy(update={"resolution": resolution})
    return element


@lru_cache(maxsize=1024)
def expand_coupon(coupon: Coupon) -> Group:
    """Return a coupon as the group it is: its texts in a stack, its symbol beside or beneath them."""
    kept = ("x", "y", "on", "show_if_flag", "keep_with_next", "keep_with_previous")
    framed = ("width", "padding", "fill", "stroke", "dash", "weight", "radius")
    parts: list[AnyElement] = [_stack_texts(coupon)]
    if coupon.symbol == "qr":
        left = coupon.text_width + _SYMBOL_GAP
        parts.append(Qr(type="qr", x=left, size=coupon.symbol_size, text=coupon.code))
    return Group(
        type="group",
        elements=tuple(parts),
        show_if_slot=coupon.show_if_slot or "coupon_code",
        **{name: getattr(coupon, name) for name in kept + framed},
    )


def _stack_texts(coupon: Coupon) -> Group:
    lines = (
        (coupon.title, coupon.title_style),
        (coupon.value, coupon.value_style),
        (coupon.code, coupon.code_style),
        (coupon.expires, coupon.note_style),
    )
    width = coupon.text_width
    texts: list[AnyElement] = [
        Text(type="text", width=width, y=coupon.gap * (number > 0), text=text, style=style, overflow="shrink")
        for number, (text, style) in enumerate(lines)
        if text
    ]
    if coupon.terms:
        texts.append(TextBox(type="text_box", width=width, y=coupon.gap, text=coupon.terms, style=coupon.note_style))
    if coupon.symbol == "code128":
        bars = Code128(type="code128", width=width, y=coupon.gap, height=_BARS_HEIGHT, text=coupon.code)
        texts.append(bars)
    return Group(type="group", width=width, stack=True, elements=tuple(texts))
