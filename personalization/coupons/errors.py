"""Failures of coupons."""

from collections.abc import Sequence

from core.errors import ConflictError, InvalidInputError, NotFoundError
from personalization.problems import Problem


class CouponSeriesError(InvalidInputError):
    """The series has mistakes; `problems` names each with place and reason. Nothing was changed."""

    code = "broken_coupon_series"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:20]), count=len(problems))
        self.problems = list(problems)


class SeriesNotFoundError(NotFoundError):
    code = "coupon_series_not_found"

    def __init__(self, key: str) -> None:
        super().__init__("There is no such coupon series.", key=key)


class SourceFixedError(ConflictError):
    code = "coupon_source_fixed"

    def __init__(self) -> None:
        super().__init__("The series has codes already: where they come from stays as it is.")


class NotAPoolError(ConflictError):
    code = "coupon_not_a_pool"

    def __init__(self) -> None:
        super().__init__("The codes of this series are made here; none are uploaded.")


class TooManyCodesError(InvalidInputError):
    code = "too_many_codes"

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} codes at once.", limit=limit)
