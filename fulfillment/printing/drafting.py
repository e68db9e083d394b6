"""Drafts of what a frozen shipment becomes: its units, and its copies with their values and codes. Nothing is written
here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.codes import code_url, format_code, new_code
from core.ids import new_id
from core.tenancy import Shop
from documents.service import PublishedTemplate
from documents.specs import CopySpec, Value
from fulfillment.invoicing.settings import InvoiceForm, read_settings
from fulfillment.models import Shipment
from fulfillment.packing.avoiding import insert_keys
from fulfillment.packing.models import UnitKind
from fulfillment.printing.loading import Stock
from fulfillment.printing.papers import build_values, letter_slots
from fulfillment.printing.sources import PaperSource, list_boxed
from orders.catalogue.models import Product
from orders.catalogue.queries import expand_sets
from orders.queries import OrderRecord
from personalization.models import InsertKind
from personalization.plan import DecisionOutcome

INVOICE_SLIPS = {InvoiceForm.QUALIFIED: "invoice_slip", InvoiceForm.SIMPLIFIED: "simplified_invoice"}
SLIP, GIFT_SLIP, LABEL = "packing_slip", "gift_slip", "shipping_label"
Templates = Mapping[tuple[str, str], PublishedTemplate]


@dataclass(frozen=True, kw_only=True)
class CopyDraft:
    """One copy to be. `kind` is the template's kind of document; `unit_kind` how the bench treats it."""

    kind: str
    unit_kind: UnitKind
    template: PublishedTemplate
    values: Mapping[str, Value]
    flags: frozenset[str]
    id: UUID = field(default_factory=new_id)
    code: str = field(default_factory=new_code)

    def to_spec(self, reference: str) -> CopySpec:
        return CopySpec(
            template=self.template.compiled,
            values=self.values,
            code=self.code,
            code_text=format_code(self.code),
            url=code_url(self.code),
            flags=self.flags,
            reference=reference,
        )


@dataclass(frozen=True, kw_only=True)
class ParcelDraft:
    """One box to be."""

    shipment: Shipment
    outcome: DecisionOutcome
    order_number: str
    copies: tuple[CopyDraft, ...]
    units: tuple[dict[str, Any], ...]
    id: UUID = field(default_factory=new_id)


def find_invoice_slip(shop: Shop) -> str | None:
    """Return the template of slips that are invoices, where the shop's slips are."""
    settings = read_settings(shop.profile)
    return INVOICE_SLIPS[settings.form] if settings.on_slips else None


def list_wanted_templates(
    shipment: Shipment, outcome: DecisionOutcome, invoice_slip: str | None
) -> list[tuple[str, str]]:
    """Return (key, language) of the templates that this shipment's papers may need."""
    slip = _slip_key(shipment, outcome)
    keys = [slip, LABEL, *([invoice_slip] if invoice_slip and slip == SLIP else [])]
    if outcome.plan.letter is not None and outcome.plan.letter.template:
        keys.append(outcome.plan.letter.template)
    return [(key, shipment.language) for key in keys]


def _slip_key(shipment: Shipment, outcome: DecisionOutcome) -> str:
    chosen = outcome.plan.slip
    return chosen.template if chosen and chosen.template else GIFT_SLIP if shipment.is_gift else SLIP


def draft_parcel(shipment: Shipment, outcome: DecisionOutcome, stock: Stock, templates: Templates) -> ParcelDraft:
    """Return the box of a shipment: slip, letter, goods, inserts, label in packing order."""
    source = make_source(shipment, outcome, stock)
    copies = tuple(_draft_copies(shipment, outcome, source, templates))
    units = [
        *(_copy_unit(copy) for copy in copies if copy.unit_kind is UnitKind.SLIP),
        *_goods_units(shipment, stock),
        *_insert_units(outcome, stock),
        *(_copy_unit(copy) for copy in copies if copy.unit_kind is not UnitKind.SLIP),
    ]
    for position, unit in enumerate(units):
        unit["position"] = position
    return ParcelDraft(
        shipment=shipment, outcome=outcome, order_number=source.order_number, copies=copies, units=tuple(units)
    )


def make_source(shipment: Shipment, outcome: DecisionOutcome, stock: Stock) -> PaperSource:
    """Return everything that a shipment's papers are made from."""
    lines = stock.lines[shipment.id]
    order_ids = {line.order_id for line in lines}
    orders = sorted([stock.orders[order_id] for order_id in order_ids], key=_age)
    boxed, is_whole = list_boxed(orders, {line.order_line_id: line.quantity for line in lines}, stock.products)
    enclosed = [
        (insert.name_ja, insert.name_en, allotted.quantity)
        for allotted in outcome.allotted
        if (insert := stock.inserts[allotted.insert_id]).kind is not InsertKind.TASK
    ]
    return PaperSource(
        shop=stock.shop,
        shipment=shipment,
        language=shipment.language,
        orders=orders,
        boxed=boxed,
        is_whole_order=is_whole,
        service=stock.services.get(shipment.delivery_service),
        plan=outcome.plan,
        enclosed=enclosed,
        parcel_number=1,
        parcel_count=1,
        today=stock.today,
        earlier=stock.sent.list_earlier(shipment, order_ids),
        fees_of=stock.sent.find_fees_of(shipment, order_ids),
        offers=stock.offers,
    )


def _age(record: OrderRecord) -> tuple[datetime, UUID]:
    return record.order.accepted_at, record.order.id


def _draft_copies(
    shipment: Shipment, outcome: DecisionOutcome, source: PaperSource, templates: Templates
) -> Iterator[CopyDraft]:
    values = {name: value for name, value in build_values(source).items() if value is not None}
    flags = outcome.plan.flags
    key = _slip_key(shipment, outcome)
    invoice_slip = find_invoice_slip(source.shop)
    # Only what adds up is an invoice: a part of an order that is invoiced whole gets a plain slip.
    if key == SLIP and invoice_slip and values.get("tax_rows"):
        key = invoice_slip
    slip = templates[key, shipment.language]
    yield CopyDraft(kind=_kind(slip), unit_kind=UnitKind.SLIP, template=slip, values=_only(slip, values), flags=flags)
    letter = outcome.plan.letter
    if letter is not None and letter.template:
        template = templates[letter.template, shipment.language]
        said = values | letter_slots(source, letter.slots)
        yield CopyDraft(
            kind=_kind(template),
            unit_kind=UnitKind.DOCUMENT,
            template=template,
            values=_only(template, said),
            flags=flags,
        )
    label = templates[LABEL, shipment.language]
    yield CopyDraft(
        kind=_kind(label), unit_kind=UnitKind.LABEL, template=label, values=_only(label, values), flags=flags
    )


def _kind(template: PublishedTemplate) -> str:
    return template.compiled.template.kind.value


def _only(template: PublishedTemplate, values: Mapping[str, Value]) -> dict[str, Value]:
    """Keep what the template can print: a letter's record holds no prices."""
    return {name: values[name] for name in template.compiled.slots if name in values}


def _copy_unit(copy: CopyDraft) -> dict[str, Any]:
    name = copy.template.compiled.template.name
    return _unit(copy.unit_kind, name.ja, name.en, [copy.code], 1) | {
        "copy_id": copy.id,
        "copy_kind": copy.kind,
    }


def _goods_units(shipment: Shipment, stock: Stock) -> Iterator[dict[str, Any]]:
    """Yield goods line by line, sets taken apart; the same product of two lines stands on the first."""
    seen: dict[str, dict[str, Any]] = {}
    for line in stock.lines[shipment.id]:
        if not line.quantity:
            continue  # It only says whose order an insert is sent again for.
        if line.product_id is None:
            raise LookupError(f"Shipment {shipment.id} has a line without product.")
        bought = (line.product_id, line.quantity)
        single = expand_sets(stock.components, [bought]).items() if stock.components else [bought]
        for product_id, quantity in single:
            unit = stock.goods.get(product_id)
            if unit is None:
                unit = stock.goods[product_id] = _goods_unit(stock, stock.products[product_id])
            sku = unit["sku"]
            known = seen.get(sku, unit)
            seen[sku] = {**known, "quantity": known["quantity"] + quantity}
    yield from seen.values()


def _goods_unit(stock: Stock, product: Product) -> dict[str, Any]:
    """Return what all units of a product have in common."""
    barcodes = sorted({code.upper() for code in stock.codes.get(product.id, ())} | {product.sku.upper()})
    unit = _unit(UnitKind.GOODS, product.name, product.name_en, barcodes, 0)
    return unit | {
        "product_id": product.id,
        "sku": product.sku,
        "picture_file_id": product.picture_file_id,
    }


def _insert_units(outcome: DecisionOutcome, stock: Stock) -> Iterator[dict[str, Any]]:
    for allotted in outcome.allotted:
        insert = stock.inserts[allotted.insert_id]
        is_task = insert.kind is InsertKind.TASK
        kind = UnitKind.TASK if is_task else UnitKind.INSERT
        unit = _unit(kind, insert.name_ja, insert.name_en, [] if is_task else insert_keys(insert), allotted.quantity)
        yield unit | {
            "insert_id": insert.id,
            "allotment_id": allotted.allotment_id,
            "sku": insert.key,
            "picture_file_id": insert.picture_file_id,
        }


def _unit(kind: UnitKind, name: str, name_en: str | None, barcodes: list[str], quantity: int) -> dict[str, Any]:
    """Return what every unit has; what else one has beside it is absent in the others."""
    return {"kind": kind, "sku": None, "name": name, "name_en": name_en, "barcodes": barcodes, "quantity": quantity}
