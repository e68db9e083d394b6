"""Failures of backtests."""

from datetime import datetime
from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError


class BacktestNotFoundError(NotFoundError):
    code = "backtest_not_found"

    def __init__(self, backtest_id: UUID) -> None:
        super().__init__("There is no such backtest.", backtest_id=str(backtest_id))


class PeriodError(InvalidInputError):
    code = "backtest_period"

    def __init__(self, since: datetime, until: datetime) -> None:
        super().__init__(
            "The period ends before it begins, or reaches into the future.",
            field="since",
            since=since.isoformat(),
            until=until.isoformat(),
        )


class SampleError(InvalidInputError):
    code = "backtest_sample"

    def __init__(self, sample: float) -> None:
        super().__init__("The sample is a share above 0 and up to 1.", field="sample", sample=sample)


class ShipmentNotTriedError(NotFoundError):
    """The backtest did not look at this shipment, or its customer was erased since."""

    code = "backtest_shipment"

    def __init__(self, shipment_id: UUID) -> None:
        super().__init__("The backtest holds nothing about this shipment.", shipment_id=str(shipment_id))


class AlreadyEndedError(ConflictError):
    code = "backtest_ended"

    def __init__(self, state: str) -> None:
        super().__init__("The backtest has ended already.", state=state)
