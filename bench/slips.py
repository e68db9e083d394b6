"""Random packing slips of one page: six lines, a message of 200 characters, a code. The same seed, the same slips."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from documents.checking import CompiledTemplate, compile_template
from documents.specs import CopySpec, Money

KANA: Final = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわん"
KANJI: Final = "日本東京大山川田中村上下花鳥風月春夏秋冬茶香味心手礼贈物季節朝昼夜空海森林木草葉実"
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PRICES: Final = (500, 980, 1200, 2480, 3300)
SHOP: Final = "茶と肌 あおい"
LINES: Final = 6
MESSAGE: Final = 200


@dataclass(frozen=True)
class SlipLine:
    sku: str
    name: str
    quantity: int
    price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.price


@dataclass(frozen=True)
class Slip:
    order_number: str
    postal_code: str
    address: str
    recipient: str
    lines: tuple[SlipLine, ...]
    message: str
    code: str

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def url(self) -> str:
        return f"https://soegaki.example.jp/c/{self.code}"


def draw_slips(seed: int, count: int) -> list[Slip]:
    random = Random(seed)
    products = [
        (f"T-{number:04d}", _draw_words(random, random.randint(6, 18)), random.choice(PRICES)) for number in range(60)
    ]
    return [_draw_slip(random, number, products) for number in range(count)]


def read_slips(folder: Path) -> list[Slip]:
    """Read `slips.json`: a list of objects with the fields of Slip; ValueError names what is wrong with which."""
    slips = []
    for number, given in enumerate(json.loads((folder / "slips.json").read_text(encoding="utf-8"))):
        try:
            slips.append(Slip(**{**given, "lines": tuple(SlipLine(**line) for line in given["lines"])}))
        except (KeyError, TypeError) as error:
            raise ValueError(f"slips.json[{number}]: {error}") from error
    return slips


def _draw_slip(random: Random, number: int, products: list[tuple[str, str, int]]) -> Slip:
    lines = tuple(
        SlipLine(sku, name, random.randint(1, 3), price) for sku, name, price in random.sample(products, LINES)
    )
    return Slip(
        order_number=f"A-{100_000 + number}",
        postal_code=f"{random.randint(100, 999)}-{random.randint(0, 9999):04d}",
        address=f"東京都{_draw_words(random, 4)}区{_draw_words(random, 5)}{random.randint(1, 30)}",
        recipient=f"{_draw_words(random, 2)} {_draw_words(random, 2)}",
        lines=lines,
        message=_draw_message(random),
        code="".join(random.choices(ALPHABET, k=13)),
    )


def _draw_words(random: Random, length: int) -> str:
    return "".join(random.choice(KANA if random.random() < 0.65 else KANJI) for _ in range(length))


def _draw_message(random: Random) -> str:
    letters = list(_draw_words(random, MESSAGE))
    for place in range(20, MESSAGE - 1, 23):
        letters[place] = "、"
    return "".join(letters[:-1]) + "。"


def make_template() -> CompiledTemplate:
    """Return a slip of exactly the content that the peers draw."""
    columns = [
        {"field": "sku", "width": 25, "label": "品番"},
        {"field": "name", "width": 85, "label": "品名"},
        {"field": "quantity", "width": 15, "label": "数量", "align": "right"},
        {"field": "unit_price", "width": 20, "label": "単価", "align": "right"},
        {"field": "amount", "width": 21, "label": "金額", "align": "right"},
    ]
    document: dict[str, Any] = {
        "key": "bench_slip",
        "language": "ja",
        "kind": "packing_slip",
        "name": {"ja": "計測用", "en": "Bench"},
        "page": {"width": 210, "height": 297, "margins": {"top": 15, "right": 18, "bottom": 15, "left": 18}},
        "styles": {"body": {"size": 9}, "title": {"size": 18}, "name": {"size": 14}},
        "slots": {
            name: {}
            for name in (
                *("shop_name", "order_number", "recipient_postal_code", "recipient_address", "recipient_name"),
                *("lines", "total", "message"),
            )
        },
        "elements": [
            {"type": "text", "x": 18, "y": 15, "width": 100, "text": "{shop_name}", "style": "title"},
            {"type": "text", "x": 132, "y": 15, "width": 60, "text": "納品書", "style": "title"},
            {"type": "text", "x": 132, "y": 30, "width": 60, "text": "ご注文番号 {order_number}", "style": "body"},
            {"type": "text", "x": 18, "y": 30, "width": 90, "text": "〒{recipient_postal_code}", "style": "body"},
            {"type": "text", "x": 18, "y": 36, "width": 110, "text": "{recipient_address}", "style": "body"},
            {"type": "text", "x": 18, "y": 43, "width": 110, "text": "{recipient_name} 様", "style": "name"},
            {"type": "qr", "x": 168, "y": 255, "size": 24},
            {"type": "text", "x": 150, "y": 281, "width": 42, "text": "{copy_code}", "style": "body"},
        ],
        "flow": {
            "first": {"top": 62, "bottom": 250},
            "later": {"top": 20, "bottom": 250},
            "elements": [
                {
                    "type": "table",
                    "x": 18,
                    "width": 174,
                    "slot": "lines",
                    "style": "body",
                    "row_rule": "#cccccc",
                    "columns": columns,
                },
                {"type": "text", "x": 132, "y": 3, "width": 60, "text": "合計 {total}", "style": "name"},
                {"type": "text_box", "x": 18, "y": 6, "width": 174, "text": "{message}", "style": "body"},
            ],
        },
    }
    return compile_template(document)


def make_copy(template: CompiledTemplate, slip: Slip) -> CopySpec:
    rows = [
        {
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unit_price": Money(line.price),
            "amount": Money(line.amount),
        }
        for line in slip.lines
    ]
    values: dict[str, Any] = {
        "shop_name": SHOP,
        "order_number": slip.order_number,
        "recipient_postal_code": slip.postal_code,
        "recipient_address": slip.address,
        "recipient_name": slip.recipient,
        "lines": rows,
        "total": Money(slip.total),
        "message": slip.message,
    }
    return CopySpec(template, values, slip.code, slip.code, slip.url, frozenset(), slip.order_number)
