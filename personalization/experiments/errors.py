"""Failures of experiments."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError
from personalization.problems import Problem


class PlanError(InvalidInputError):
    """The plan, or the table of costs, has mistakes; `problems` names each with place and reason. Nothing changed."""

    code = "broken_plan"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:20]), count=len(problems))
        self.problems = list(problems)


class ExperimentNotFoundError(NotFoundError):
    code = "experiment_not_found"

    def __init__(self, what: UUID | str) -> None:
        super().__init__("There is no such experiment.", experiment=str(what))


class ExperimentExistsError(ConflictError):
    code = "experiment_exists"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is an experiment {key} already.", key=key)


class ExperimentStateError(ConflictError):
    """It was started or ended meanwhile, so this can no longer be done: shares stand once it runs."""

    code = "experiment_state"

    def __init__(self, state: str, wanted: str) -> None:
        super().__init__(f"The experiment is {state}, not {wanted}.", state=state, wanted=wanted)


class PlanOvertakenError(ConflictError):
    code = "plan_overtaken"

    def __init__(self) -> None:
        super().__init__("Somebody else changed this meanwhile. Load it again.")


class HoldoutRunningError(ConflictError):
    code = "holdout_running"

    def __init__(self) -> None:
        super().__init__("A shop-wide hold-out is running already; end it first.")
