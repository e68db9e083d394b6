"""Facts foretold: RFM scores against a fitted model's fifths, and what BG/NBD and Gamma-Gamma expect of a customer.

Each request is judged by the newest model whose `known_until` is not after its moment; without one it is unknown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from personalization.columns import Column, FactType, ScalarColumn, TextColumn
from personalization.facts.question import Question
from personalization.loading.purchase_days import load_purchases_of
from personalization.loading.subjects import Subjects
from personalization.prediction.bgnbd import BgNbd
from personalization.prediction.gamma_gamma import GammaGamma
from personalization.prediction.kinds import ModelKind
from personalization.prediction.queries import UsableModel, load_models
from personalization.prediction.rfm import SEGMENTS, Quantiles, find_segments
from personalization.prediction.summaries import DAYS_PER_WEEK

Array = NDArray[np.float64]
NEXT_YEAR: Final = 365
# A hundred years: nobody's next purchase is dated beyond.
FARTHEST_DAYS: Final = 36_525


class View(StrEnum):
    """The purchases before this order; the same as they stood on its day; all, this order included."""

    BEFORE = "before"
    ON_THE_DAY = "on the day"
    INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class Histories:
    """Per request: purchase days after the first, weeks from the first to the last and until now; NaN: none known."""

    repeats: Array
    recency: Array
    age: Array
    since: Array
    purchases: Array
    amount: Array
    mean_repeat: Array

    def take(self, rows: NDArray[np.bool_]) -> "Histories":
        return Histories(*(getattr(self, name)[rows] for name in self.__slots__))


def load_predictions(subjects: Subjects, questions: Sequence[Question]) -> dict[Question, Column]:
    """Return one column per question of source `model`."""
    foretelling = _Foretelling(subjects)
    return {question: foretelling.answer(question) for question in questions}


@dataclass
class _Foretelling:
    """Reads models and histories once, whatever is asked of them."""

    subjects: Subjects
    _histories: dict[View, Histories] = field(default_factory=dict)
    _models: dict[ModelKind, list[tuple[Any, NDArray[np.bool_]]]] = field(default_factory=dict)

    def answer(self, question: Question) -> Column:
        if question.key in _SCORES:
            return ScalarColumn(question.fact.type, self._fill(ModelKind.RFM, View.BEFORE, _SCORES[question.key]))
        if question.key == "customer.rfm_code":
            return self._write_codes()
        if question.key == "customer.segment":
            recency, frequency, _ = self._score()
            return TextColumn(FactType.CHOICE, find_segments(recency, frequency), SEGMENTS)
        return ScalarColumn(question.fact.type, self._foretell(question))

    def _write_codes(self) -> Column:
        recency, frequency, monetary = self._score()
        number = recency * 100 + frequency * 10 + monetary
        distinct, codes = np.unique(number[~np.isnan(number)], return_inverse=True)
        column = np.full(len(number), -1, dtype=np.int32)
        column[~np.isnan(number)] = codes
        return TextColumn(FactType.TEXT, column, tuple(str(int(each)) for each in distinct))

    def _score(self) -> list[Array]:
        return [self._fill(ModelKind.RFM, View.BEFORE, _SCORES[f"customer.{name}_score"]) for name in _RFM]

    def _foretell(self, question: Question) -> Array:
        days = question.get("days")
        weeks = (NEXT_YEAR if days is None else int(days)) / DAYS_PER_WEEK
        match question.key:
            case "prediction.active_probability":
                return 100 * self._fill(ModelKind.BG_NBD, View.INCLUDED, _alive)
            case "prediction.active_probability_before":
                return 100 * self._fill(ModelKind.BG_NBD, View.ON_THE_DAY, _alive)
            case "prediction.purchase_probability":
                return 100 * self._fill(ModelKind.BG_NBD, View.INCLUDED, _buys_within(weeks))
            case "prediction.expected_purchases":
                return self._fill(ModelKind.BG_NBD, View.INCLUDED, _expects_within(weeks))
            case "prediction.expected_order_value":
                return np.round(self._fill(ModelKind.GAMMA_GAMMA, View.INCLUDED, _amount))
            case "prediction.expected_value":
                purchases = self._fill(ModelKind.BG_NBD, View.INCLUDED, _expects_within(weeks))
                return np.round(purchases * self._fill(ModelKind.GAMMA_GAMMA, View.INCLUDED, _amount))
            case _:
                wait = self._fill(ModelKind.BG_NBD, View.INCLUDED, _wait)
                return wait + self.subjects.todays if question.key == "prediction.next_purchase_date" else wait

    def _fill(self, kind: ModelKind, view: View, compute: Callable[[Any, Histories], Array]) -> Array:
        """Return the value of each request by its own model; NaN without model or history."""
        values = np.full(self.subjects.size, np.nan)
        histories = self._get_histories(view)
        for model, rows in self._get_models(kind):
            known = rows & ~np.isnan(histories.repeats)
            if np.any(known):
                values[known] = compute(model, histories.take(known))
        return values

    def _get_models(self, kind: ModelKind) -> list[tuple[Any, NDArray[np.bool_]]]:
        if kind not in self._models:
            self._models[kind] = list(self._assign_models(kind))
        return self._models[kind]

    @cached_property
    def _usable(self) -> Mapping[ModelKind, Sequence[UsableModel]]:
        moments = [row["moment"] for row in self.subjects.rows]
        if not moments:
            return {kind: [] for kind in ModelKind}
        return load_models(self.subjects.session, self.subjects.shop_id, min(moments), max(moments))

    @cached_property
    def _moments(self) -> Array:
        moments = np.full(self.subjects.size, -np.inf)
        for row in self.subjects.rows:
            moments[row["position"]] = row["moment"].timestamp()
        return moments

    def _assign_models(self, kind: ModelKind) -> Iterator[tuple[Any, NDArray[np.bool_]]]:
        """Yield each model with the requests whose moment it is the newest for."""
        models = self._usable[kind]
        since = [model.known_until.timestamp() for model in models]
        chosen = np.searchsorted(since, self._moments, side="right") - 1
        for index in np.unique(chosen[chosen >= 0]):
            yield _MAKERS[kind](models[index].parameters), chosen == index

    def _get_histories(self, view: View) -> Histories:
        if view not in self._histories:
            self._histories[view] = _make_histories(self.subjects, view)
        return self._histories[view]


def _make_histories(subjects: Subjects, view: View) -> Histories:
    of = load_purchases_of(subjects).summarise(subjects.size, before=view is not View.INCLUDED)
    today = subjects.order_days if view is View.ON_THE_DAY else subjects.todays
    repeats = of.days - 1
    with np.errstate(invalid="ignore"):
        mean = np.where(repeats > 0, (of.amount - of.first_amount) / np.maximum(repeats, 1), np.nan)
    return Histories(
        repeats,
        (of.last_day - of.first_day) / DAYS_PER_WEEK,
        (today - of.first_day) / DAYS_PER_WEEK,
        today - of.last_day,
        of.purchases,
        of.amount,
        mean,
    )


def _alive(model: BgNbd, of: Histories) -> Array:
    return model.probability_alive(of.repeats, of.recency, of.age)


def _buys_within(weeks: float) -> Callable[[BgNbd, Histories], Array]:
    return lambda model, of: model.probability_of_purchase(weeks, of.repeats, of.recency, of.age)


def _expects_within(weeks: float) -> Callable[[BgNbd, Histories], Array]:
    return lambda model, of: model.expected_purchases(weeks, of.repeats, of.recency, of.age)


def _wait(model: BgNbd, of: Histories) -> Array:
    days = np.ceil(model.median_wait(of.repeats, of.age) * DAYS_PER_WEEK)
    return np.asarray(np.minimum(days, FARTHEST_DAYS))


def _amount(model: GammaGamma, of: Histories) -> Array:
    # A mean of nothing paid says nothing about amounts: such a customer is like one without repeats.
    repeats = np.where(of.mean_repeat > 0, of.repeats, 0)
    return model.expected_amount(repeats, of.mean_repeat)


_RFM: Final = ("recency", "frequency", "monetary")
_SCORES: Final[Mapping[str, Callable[[Quantiles, Histories], Array]]] = {
    "customer.recency_score": lambda model, of: model.score_recency(of.since),
    "customer.frequency_score": lambda model, of: model.score_frequency(of.purchases),
    "customer.monetary_score": lambda model, of: model.score_monetary(np.nan_to_num(of.amount)),
    "customer.rfm_total": lambda model, of: (
        model.score_recency(of.since)
        + model.score_frequency(of.purchases)
        + model.score_monetary(np.nan_to_num(of.amount))
    ),
}
_MAKERS: Final[Mapping[ModelKind, Callable[[Mapping[str, Any]], Any]]] = {
    ModelKind.BG_NBD: lambda found: BgNbd(found["r"], found["alpha"], found["a"], found["b"]),
    ModelKind.GAMMA_GAMMA: lambda found: GammaGamma(found["p"], found["q"], found["v"]),
    ModelKind.RFM: lambda found: Quantiles(*(tuple(found[name]) for name in _RFM)),
}
MODEL_FACTS: Final = frozenset(
    {
        *_SCORES,
        "customer.rfm_code",
        "customer.segment",
        "prediction.active_probability",
        "prediction.active_probability_before",
        "prediction.purchase_probability",
        "prediction.expected_purchases",
        "prediction.expected_order_value",
        "prediction.expected_value",
        "prediction.next_purchase_date",
        "prediction.days_to_next_purchase",
    }
)
