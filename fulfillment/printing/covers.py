"""Cover sheet and picking list of a part of a wave: what to fetch, and which parcels follow in which order."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.codes import code_url, format_code, issue_codes
from core.tenancy import Warehouse, get_shop
from documents.render import render_drawable_copies
from documents.service import get_templates
from documents.specs import CopySpec, RenderedDocument, Row, Value
from fulfillment.packing.models import PrintJob, UnitKind, Wave
from fulfillment.printing.drafting import ParcelDraft

COVER, PICKING_LIST = "wave_cover", "picking_list"
WAVE_CODES = "wave"
_FETCHED = (UnitKind.GOODS, UnitKind.INSERT)


def draw_cover(
    session: Session, printing: PrintJob, wave: Wave, drafts: Sequence[ParcelDraft], pages: int
) -> RenderedDocument | None:
    """Return both sheets; None when the shop has no such templates, there is nothing to fetch, or they cannot be
    drawn.
    """
    shop = get_shop(session, printing.shop_id)
    templates = get_templates(session, shop.id, [COVER, PICKING_LIST], shop.language)
    values: dict[str, Value] = {
        "wave_number": wave.number,
        "wave_name": f"{printing.part}",
        "wave_date": clock.now().astimezone(shop.zone).date(),
        "warehouse_name": _name_warehouse(session, wave, shop.language),
        "parcel_count": len(drafts),
        "unit_count": sum(unit["quantity"] for unit in _list_fetched(drafts)),
        "page_count": pages,
        "wave_parcels": [_to_parcel_row(draft) for draft in drafts],
        "picks": add_up_picks(drafts, shop.language),
    }
    if not values["picks"] or not templates:
        return None
    codes = issue_codes(session, shop.id, WAVE_CODES, [wave.id for _ in templates])
    specs = [
        CopySpec(
            template=template.compiled,
            values=values,
            code=code,
            code_text=format_code(code),
            url=code_url(code),
            reference=wave.number,
        )
        for template, code in zip(templates.values(), codes, strict=True)
    ]
    return render_drawable_copies(specs).document


def _name_warehouse(session: Session, wave: Wave, language: str) -> str:
    warehouse = session.get_one(Warehouse, wave.warehouse_id)
    return warehouse.name if language == "ja" else warehouse.name_en


def _list_fetched(drafts: Iterable[ParcelDraft]) -> list[dict[str, Any]]:
    return [unit for draft in drafts for unit in draft.units if unit["kind"] in _FETCHED]


def _to_parcel_row(draft: ParcelDraft) -> Row:
    return {
        "position": draft.shipment.wave_position,
        "shipment_number": draft.shipment.number,
        "order_number": draft.order_number,
        "recipient": draft.shipment.recipient_name,
        "units": sum(unit["quantity"] for unit in _list_fetched([draft])),
    }


def add_up_picks(drafts: Sequence[ParcelDraft], language: str) -> list[Row]:
    """Return what to fetch, by kind and SKU, each thing once with how many of it."""
    picks: dict[tuple[str, str], dict[str, Any]] = {}
    for unit in _list_fetched(drafts):
        key = (unit["kind"].value, unit["sku"] or unit["name"])
        if key in picks:
            picks[key]["quantity"] += unit["quantity"]
        else:
            name = unit["name"] if language == "ja" else unit["name_en"] or unit["name"]
            gtin = next((code for code in unit["barcodes"] if code.isdigit() and len(code) == 14), None)
            picks[key] = {"sku": unit["sku"], "gtin": gtin, "name": name, "quantity": unit["quantity"]}
    return [picks[key] for key in sorted(picks)]
