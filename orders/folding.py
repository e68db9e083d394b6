"""Order events of one batch → what is newest per order. Any sequence or repetition of the events gives the same.

Pure.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from orders.encoding import dump_json
from orders.normalised import NormalisedCancellation, NormalisedOrder, NormalisedRefund, OrderEvent
from orders.reading import EPOCH

OrderRef = tuple[str, str]  # (source, external id)
Precedence = tuple[datetime, bool, bytes]


def digest_order(order: NormalisedOrder) -> bytes:
    """Digest what an order says, without when it was said and without refunds, which are told by themselves too."""
    said = replace(order, source_updated_at=EPOCH, accepted_at=None, refunds=(), attributes=_sort(order.attributes))
    return hashlib.sha256(dump_json(said).encode()).digest()


def _sort(attributes: object) -> dict[str, object]:
    return dict(sorted(attributes.items())) if isinstance(attributes, dict) else {}


def digest_refund(refund: NormalisedRefund) -> bytes:
    lines = tuple(sorted(refund.lines, key=lambda line: (line.line_external_id, line.quantity, line.amount)))
    return hashlib.sha256(dump_json(replace(refund, lines=lines)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Snapshot:
    order: NormalisedOrder
    digest: bytes

    @property
    def precedence(self) -> Precedence:
        """Later wins; of one moment, the cancelled state; then any fixed choice."""
        return self.order.source_updated_at, self.order.cancelled_at is not None, self.digest


@dataclass(slots=True)
class Folded:
    """`accepted` holds the earliest acceptance per order; refunds and cancellations are by their own keys."""

    snapshots: dict[OrderRef, Snapshot] = field(default_factory=dict)
    refunds: dict[OrderRef, NormalisedRefund] = field(default_factory=dict)
    cancellations: dict[OrderRef, NormalisedCancellation] = field(default_factory=dict)
    accepted: dict[OrderRef, datetime] = field(default_factory=dict)

    def list_refs(self) -> list[OrderRef]:
        """Return every order touched, sorted: rows are locked in this order."""
        told = {(refund.source, refund.order_external_id) for refund in self.refunds.values()}
        return sorted(self.snapshots.keys() | self.cancellations.keys() | told)


def fold_events(events: Iterable[OrderEvent], now: datetime) -> Folded:
    folded = Folded()
    for event in events:
        if isinstance(event, NormalisedOrder):
            _fold_order(folded, event, now)
        elif isinstance(event, NormalisedRefund):
            _fold_refund(folded, event)
        else:
            _fold_cancellation(folded, event)
    return folded


def _fold_order(folded: Folded, order: NormalisedOrder, now: datetime) -> None:
    snapshot = Snapshot(order, digest_order(order))
    known = folded.snapshots.get(order.key)
    if known is None or snapshot.precedence > known.precedence:
        folded.snapshots[order.key] = snapshot
    accepted_at = order.accepted_at or now
    folded.accepted[order.key] = min(folded.accepted.get(order.key, accepted_at), accepted_at)
    for refund in order.refunds:
        _fold_refund(folded, refund)


def _fold_refund(folded: Folded, refund: NormalisedRefund) -> None:
    key = (refund.source, refund.external_id)
    known = folded.refunds.get(key)
    if known is None or rank_refund(refund) > rank_refund(known):
        folded.refunds[key] = refund


def rank_refund(refund: NormalisedRefund) -> tuple[datetime, bytes]:
    return refund.refunded_at, digest_refund(refund)


def _fold_cancellation(folded: Folded, notice: NormalisedCancellation) -> None:
    key = (notice.source, notice.order_external_id)
    known = folded.cancellations.get(key)
    if known is None or (notice.cancelled_at, notice.reason or "") < (known.cancelled_at, known.reason or ""):
        folded.cancellations[key] = notice
