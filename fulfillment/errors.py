"""Failures of the flow of a parcel."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError


class ShipmentNotFoundError(NotFoundError):
    code = "shipment_not_found"

    def __init__(self, shipment_id: UUID) -> None:
        super().__init__("There is no such shipment.", shipment_id=str(shipment_id))


class WaveNotFoundError(NotFoundError):
    code = "wave_not_found"

    def __init__(self, wave_id: UUID) -> None:
        super().__init__("There is no such wave.", wave_id=str(wave_id))


class ParcelNotFoundError(NotFoundError):
    code = "parcel_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__("There is no such parcel.", reference=reference)


class ActNotPossibleError(ConflictError):
    """The shipment is in a state that the table of transitions does not lead on from by this act."""

    code = "act_not_possible"

    def __init__(self, act: str, numbers: Sequence[str], states: Sequence[str]) -> None:
        super().__init__(
            f"Not possible ({act}) for {', '.join(numbers)}: now {', '.join(sorted(set(states)))}.",
            act=act,
            shipments=list(numbers),
            states=list(states),
        )


class EmptyWaveError(ConflictError):
    code = "empty_wave"

    def __init__(self) -> None:
        super().__init__("No shipment is ready for a wave.")


class NoWarehouseError(ConflictError):
    """Raised as a job's failure: it is tried again, and somebody has to name a warehouse."""

    code = "no_warehouse"
    permanent = False

    def __init__(self, shop_id: UUID) -> None:
        super().__init__("No warehouse serves this shop.", shop_id=str(shop_id))


class NoDeliveryServiceError(ConflictError):
    code = "no_delivery_service"
    permanent = False

    def __init__(self, zone: str) -> None:
        super().__init__(f"No active delivery service carries {zone} goods.", temperature_zone=zone)


class ReasonMissingError(InvalidInputError):
    code = "reason_missing"

    def __init__(self, act: str) -> None:
        super().__init__(f"{act} needs a reason.", act=act)


class PrintJobNotFoundError(NotFoundError):
    code = "print_job_not_found"

    def __init__(self, print_job_id: UUID) -> None:
        super().__init__("There is no such print job.", print_job_id=str(print_job_id))


class NothingToReprintError(ConflictError):
    code = "nothing_to_reprint"

    def __init__(self, shipment_id: UUID) -> None:
        super().__init__("There is no valid copy to print again.", shipment_id=str(shipment_id))


class ColumnMissingError(InvalidInputError):
    code = "column_missing"

    def __init__(self, column: str) -> None:
        super().__init__(f"The file has no column {column}.", field=column)


class OvertakenError(ConflictError):
    """Somebody else was first; as a job it is tried again."""

    code = "overtaken"
    permanent = False


class MergeRefusedError(ConflictError):
    """`reasons` are codes: what differs, or what forbids it."""

    code = "merge_refused"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"These shipments cannot go in one box: {', '.join(reasons)}.", reasons=list(reasons))


class SplitRefusedError(ConflictError):
    code = "split_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This shipment cannot be split so: {reason}.", reason=reason)


class UndoRefusedError(ConflictError):
    code = "undo_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This cannot be undone any more: {reason}.", reason=reason)


class RearrangementNotFoundError(NotFoundError):
    code = "rearrangement_not_found"

    def __init__(self, rearrangement_id: UUID) -> None:
        super().__init__("There is no such split or merge.", rearrangement_id=str(rearrangement_id))


class NothingChangedError(ConflictError):
    code = "nothing_changed"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is not stopped for a change after printing.", shipment=number)


class ChangedAgainError(ConflictError):
    """Something else differs by now than what the person saw who answered."""

    code = "changed_again"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} changed again since it was looked at: look at it once more.", shipment=number)


class PersonNeededError(ForbiddenError):
    """Somebody has to answer for it by name: a key of a program has none."""

    code = "person_needed"

    def __init__(self, act: str) -> None:
        super().__init__(f"{act} needs a person who is signed in.", act=act)


class ChangeNotAnsweredError(ConflictError):
    code = "change_not_answered"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} changed after printing: keep it as printed, or print it anew, with a reason.", shipment=number
        )


class ShipmentErasedError(ConflictError):
    code = "shipment_erased"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The personal data of {number} are erased: nothing can be printed for it. Cancel it if it is not sent.",
            shipment=number,
        )


class NothingToResendError(InvalidInputError):
    """`item`: the line or insert of which so much was never sent; none: nothing was chosen."""

    code = "nothing_to_resend"

    def __init__(self, number: str, item: str | None) -> None:
        what = "nothing was chosen" if item is None else f"not so much of {item} was sent"
        super().__init__(f"{number} cannot be sent again so: {what}.", shipment=number, item=item)


class InvoiceNotPossibleError(ConflictError):
    """`reason` is one of registration_number, tax_rate, sent_again, cancelled, nothing_sold, addressee."""

    code = "invoice_not_possible"

    def __init__(self, reason: str) -> None:
        super().__init__(f"There can be no invoice: {reason}.", reason=reason)


class InvoiceOutdatedError(ConflictError):
    """The order says something else by now; what was issued stands in the record, a new one can be issued."""

    code = "invoice_outdated"

    def __init__(self, number: str) -> None:
        super().__init__(f"{number}: the order has changed since; issue another one.", number=number)


class InvoiceNotFoundError(NotFoundError):
    code = "invoice_not_found"

    def __init__(self, invoice_id: UUID) -> None:
        super().__init__("There is no such invoice.", invoice_id=str(invoice_id))
