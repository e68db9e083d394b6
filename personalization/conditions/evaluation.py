"""The one evaluator: a condition tree over a whole batch of columns; one shipment is a batch of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from personalization.columns import Column
from personalization.conditions.operators import FALSE, OPERATORS, TRUE, Truth
from personalization.conditions.tree import All, Always, Any, Comparison, Condition, Not
from personalization.facts.question import Audience, Question


@dataclass(slots=True)
class Evaluator:
    """Evaluates trees over one batch. Equal comparisons of different rules are computed once."""

    columns: Mapping[Question, Column]
    size: int
    _seen: dict[tuple[Comparison, Question], Truth] = field(default_factory=dict)

    def evaluate(self, condition: Condition, audience: Audience = Audience.BUYER) -> Truth:
        """Return FALSE, UNKNOWN or TRUE (int8) per row. Raises KeyError when a fact it asks for was not loaded."""
        match condition:
            case Always():
                return np.full(self.size, TRUE, dtype=np.int8)
            case Comparison():
                return self._compare(condition, audience)
            case Not(part):
                return np.asarray(TRUE - self.evaluate(part, audience), dtype=np.int8)
            case All(parts):
                return self._fold(parts, audience, np.minimum, FALSE)
            case Any(parts):
                return self._fold(parts, audience, np.maximum, TRUE)

    def _fold(self, parts: Sequence[Condition], audience: Audience, combine: np.ufunc, final: int) -> Truth:
        """Combine the parts; once every row has the value that nothing can change, the rest is not asked."""
        truth = self.evaluate(parts[0], audience)
        for part in parts[1:]:
            if (truth == final).all():
                break
            truth = combine(truth, self.evaluate(part, audience))
        return truth

    def _compare(self, comparison: Comparison, audience: Audience) -> Truth:
        question = comparison.question(audience)
        key = (comparison, question)
        if key not in self._seen:
            operator = OPERATORS[comparison.op]
            self._seen[key] = operator.apply(self.columns[question], comparison.operand)
        return self._seen[key]
