"""Order files, as the tabular intake wants them: rows of one order stand or fall together."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from core.tabular.importer import Field, ImportContext, Preset, Problem, Row, RowOutcome, RowState
from orders.faults import Fault, describe_reason
from orders.imports.order_fields import LABELS, ORDER_FIELDS
from orders.imports.order_presets import ORDER_PRESETS
from orders.imports.order_rows import RowFaultsError, build_order
from orders.kinds import OrderChangeKind
from orders.normalised import NormalisedOrder
from orders.service import record_orders

_STATES: Final = {OrderChangeKind.CREATED: RowState.NEW, None: RowState.SAME}


class OrdersImporter:
    name = "orders"
    label = "注文"
    label_en = "Orders"
    fields: Sequence[Field] = ORDER_FIELDS
    presets: Sequence[Preset] = ORDER_PRESETS
    group_field = "order_id"

    def store(self, session: Session, context: ImportContext, rows: Sequence[Row]) -> list[RowOutcome]:
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            groups[row.values["order_id"]].append(row)
        outcomes: list[RowOutcome] = []
        built: dict[str, NormalisedOrder] = {}
        for order_id, group in groups.items():
            try:
                built[order_id] = build_order(group, context)
            except RowFaultsError as error:
                outcomes += [_reject(row.number, error.by_row) for row in group]
        recorded = record_orders(session, context.shop_id, list(built.values()))
        for order_id, order in built.items():
            state = _STATES.get(recorded[order.key].change, RowState.CHANGED)
            outcomes += [RowOutcome(row.number, state) for row in groups[order_id]]
        return outcomes


def _reject(number: int, faults: Sequence[tuple[int | None, Fault]]) -> RowOutcome:
    """Tell a row its own faults and the order's; where only other rows are at fault, that."""
    own = [fault for row, fault in faults if row in (number, None)]
    return RowOutcome(
        number, RowState.REJECTED, tuple(map(name_problem, own or [Fault("order_id", "other_order_refused")]))
    )


def name_problem(fault: Fault) -> Problem:
    """Turn a fault into the intake's problem; its field is one of ours where the path names one."""
    field = fault.field if fault.field in LABELS else None
    prefix = "" if field else f"{fault.field}: "
    return Problem(field, fault.code, prefix + describe_reason(fault, "ja"), prefix + describe_reason(fault, "en"))
