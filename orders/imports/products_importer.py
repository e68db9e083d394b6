"""Product files, as the tabular intake wants them: one row a product."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from core.tabular.cells import (
    choose,
    fold,
    limit_text,
    parse_boolean,
    parse_decimal,
    parse_list,
    parse_money,
    parse_quantity,
)
from core.tabular.errors import CellError
from core.tabular.importer import Field, ImportContext, Preset, Problem, Row, RowOutcome, RowState
from orders.catalogue.conflicts import find_product_conflicts
from orders.catalogue.gtin import read_gtin
from orders.catalogue.records import ProductIn, check_product
from orders.catalogue.service import upsert_products
from orders.faults import Fault, describe_reason
from orders.imports.layouts import read_tax_rate
from orders.normalised import TemperatureZone

_short: Final = limit_text(200)
_COMPONENT: Final = re.compile(r"(?P<sku>.+?)(?:\s*[x×*]\s*(?P<quantity>\d{1,5}))?")
_ZONES: Final = {
    **{zone.value: zone for zone in TemperatureZone},
    "常温": TemperatureZone.AMBIENT,
    "冷蔵": TemperatureZone.CHILLED,
    "冷凍": TemperatureZone.FROZEN,
}


def parse_gtin(text: str, _context: ImportContext) -> str:
    found = read_gtin(text)
    if found is None:
        fault = Fault("gtin", "bad_check_digit")
        raise CellError(fault.code, describe_reason(fault, "ja"), describe_reason(fault, "en"))
    return found


def parse_components(text: str, context: ImportContext) -> tuple[tuple[str, int], ...]:
    """Read `SKU-1×2, SKU-2`: parts and how many of each."""
    parts = []
    for part in parse_list(text, context):
        found = _COMPONENT.fullmatch(fold(part))
        assert found is not None
        parts.append((found["sku"].strip(), int(found["quantity"] or 1)))
    return tuple(parts)


def _field(name: str, label: str, parse: Any, *aliases: str, required: bool = False) -> Field:
    return Field(name, label, name.replace("_", " "), parse, required=required, aliases=aliases)


PRODUCT_FIELDS: Final = (
    _field("sku", "商品コード", limit_text(100), "SKU", "品番", "商品番号", required=True),
    _field("name", "商品名", limit_text(500), "名称", required=True),
    _field("gtin", "JANコード", parse_gtin, "JAN", "GTIN", "EAN", "バーコード"),
    _field("name_en", "商品名(英語)", limit_text(500)),
    _field("category", "カテゴリ", _short, "カテゴリー", "分類"),
    _field("price", "販売価格", parse_money, "価格", "単価"),
    _field("tax_rate", "税率", parse_decimal, "tax"),
    _field("weight_g", "重量(g)", parse_quantity, "重量", "重さ"),
    _field("thickness_mm", "厚さ(mm)", parse_quantity, "厚さ", "厚み"),
    _field("width_mm", "幅(mm)", parse_quantity, "幅"),
    _field("length_mm", "奥行(mm)", parse_quantity, "奥行", "長さ"),
    _field("temperature_zone", "温度帯", choose(_ZONES), "zone"),
    _field("ships", "配送あり", parse_boolean),
    _field("sold_out", "売り切れ", parse_boolean, "品切れ", "在庫切れ"),
    _field("aliases", "別コード", parse_list),
    _field("components", "セット内容", parse_components, "構成品"),
)
_NAMES: Final = {field.name for field in PRODUCT_FIELDS}


@dataclass(frozen=True)
class _Built:
    row: Row
    product: ProductIn


class ProductsImporter:
    name = "products"
    label = "商品"
    label_en = "Products"
    fields: Sequence[Field] = PRODUCT_FIELDS
    presets: Sequence[Preset] = ()
    group_field = None

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> list[RowOutcome]:
        outcomes: list[RowOutcome] = []
        built: dict[str, _Built] = {}
        for row in rows:
            product = _make_product(row)
            faults = check_product(product)
            if product.sku in built:
                faults.append(Fault("sku", "repeated"))
            if faults:
                outcomes.append(_reject(row, faults))
            else:
                built[product.sku] = _Built(row, product)
        refused = self._refuse_conflicts(session, context, built)
        outcomes += [_reject(built[sku].row, faults) for sku, faults in refused.items()]
        products = [entry.product for sku, entry in built.items() if sku not in refused]
        states = upsert_products(session, context.shop_id, products).states
        return outcomes + [RowOutcome(built[sku].row.number, RowState(state)) for sku, state in states.items()]

    def _refuse_conflicts(
        self, session: Session, context: ImportContext, built: dict[str, _Built]
    ) -> dict[str, list[Fault]]:
        """Refuse what clashes with the catalogue or within the file, until the rest can be stored together."""
        refused: dict[str, list[Fault]] = {}
        while True:
            left = [entry.product for sku, entry in built.items() if sku not in refused]
            more = find_product_conflicts(session, context.shop_id, left)
            if not more:
                return refused
            refused |= more


def _make_product(row: Row) -> ProductIn:
    values = {name: value for name, value in row.values.items() if value is not None}
    values["tax_rate"] = read_tax_rate(row.values)
    return ProductIn(**values)


def _reject(row: Row, faults: Sequence[Fault]) -> RowOutcome:
    problems = tuple(
        Problem(
            fault.field if fault.field in _NAMES else None,
            fault.code,
            describe_reason(fault, "ja"),
            describe_reason(fault, "en"),
        )
        for fault in faults
    )
    return RowOutcome(row.number, RowState.REJECTED, problems)
