"""Failures of printers and of printing on them."""

from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError, UpstreamError


class PrinterNotFoundError(NotFoundError):
    code = "printer_not_found"

    def __init__(self, printer_id: UUID) -> None:
        super().__init__("There is no such printer.", printer_id=str(printer_id))


class PrinterAddressError(InvalidInputError):
    """`reason`: malformed, scheme, unknown (no such name), public (not in a permitted network)."""

    code = "printer_address"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This is no address a printer may have: {reason}.", field="address", reason=reason)


class PrinterInputError(InvalidInputError):
    """`field` names what is wrong."""

    code = "printer_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)


class RunNotFoundError(NotFoundError):
    code = "print_run_not_found"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("There is no such entry in the print log.", run_id=str(run_id))


class RunStateError(ConflictError):
    code = "print_run_state"

    def __init__(self, state: str) -> None:
        super().__init__(f"Not possible any more: this printing is {state}.", state=state)


class NothingToPrintError(ConflictError):
    code = "nothing_to_print"

    def __init__(self) -> None:
        super().__init__("There is no valid paper left to print here.")


class PrinterFailedError(UpstreamError):
    """A printer did not do what it was asked. `problem` is the stable word for what happened."""

    code = "printer_failed"

    def __init__(self, problem: str, note: str = "") -> None:
        super().__init__(f"The printer did not take it: {problem}. {note}".strip(), problem=problem)
        self.problem = problem


class PrinterAwayError(PrinterFailedError):
    """It could not be reached: nothing was sent."""

    def __init__(self) -> None:
        super().__init__("away")


class PrinterSilentError(PrinterFailedError):
    """The connection broke after data had gone out: nobody knows what came of it."""

    def __init__(self) -> None:
        super().__init__("silent")
