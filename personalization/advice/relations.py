"""What facts have to do with each other: a count in a shorter window is no greater, nothing comes before a first order.

Pure. Every check says "contradicts" only where it is certain.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from personalization.advice.domains import Domain, Numbers, Words
from personalization.facts.catalogue import find_fact
from personalization.facts.question import Question, ask

State = Mapping[Question, Domain]

# Facts that a person without an earlier order does not have.
AFTER_FIRST: Final = (
    "customer.days_since_last_order",
    "customer.days_since_first_order",
    "customer.average_order",
)
# At the same person: the first is at least so much greater than the second.
GREATER: Final = (
    ("customer.nth_order", "customer.order_count", 1),
    ("customer.days_since_first_order", "customer.days_since_last_order", 0),
    ("order.quantity", "order.line_count", 0),
)
# Filters that take what has any of the words listed.
LISTS: Final = frozenset({"skus", "categories", "topics", "campaigns", "channels", "inserts"})
HISTORY: Final = "history."
SEASONS: Final = {"spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11), "winter": (12, 1, 2)}


def contradicts(state: State) -> bool:
    """Say whether these domains of different facts can certainly not hold together."""
    if len(state) < 2:
        return False
    return any(check(state) for check in _CHECKS)


def _numbers(state: State, question: Question) -> Numbers | None:
    """Return the numbers of a fact that is certainly known; None when nothing certain is said of it."""
    domain = state.get(question)
    if domain is None or domain.missing or not isinstance(domain.known, Numbers):
        return None
    return domain.known


def _lies_above(state: State, smaller: Question, greater: Question, gap: int = 0) -> bool:
    """Say whether `smaller` + gap ≤ `greater` is impossible here."""
    low, high = _numbers(state, smaller), _numbers(state, greater)
    return low is not None and high is not None and low.low + gap > high.high


def _check_greater(state: State) -> bool:
    for question in state:
        for greater, smaller, gap in GREATER:
            if question.key == greater and not question.parameters and find_fact(smaller) is not None:
                other = ask(smaller, question.audience)
                if _lies_above(state, other, question, gap):
                    return True
    return False


def _check_narrower(state: State) -> bool:
    counts = [question for question in state if question.key.endswith("_count") and question.key.startswith("history.")]
    for narrow in counts:
        for wide in counts:
            if narrow != wide and _is_narrower(narrow, wide) and _lies_above(state, narrow, wide):
                return True
        bought_ever = ask("customer.order_count", narrow.audience)
        if narrow.key == "history.purchase_count" and _lies_above(state, narrow, bought_ever):
            return True
    return False


def _is_narrower(narrow: Question, wide: Question) -> bool:
    """Whether everything that `narrow` counts is counted by `wide` too."""
    if (narrow.key, narrow.audience) != (wide.key, wide.audience):
        return False
    for name, limit in wide.parameters:
        value = narrow.get(name)
        if name == "days" and isinstance(value, int) and isinstance(limit, int):
            if value > limit:
                return False
        elif name in LISTS and isinstance(value, tuple) and isinstance(limit, tuple):
            if not set(value) <= set(limit):
                return False
        elif value != limit:
            return False
    return True


def _check_first_order(state: State) -> bool:
    for question in state:
        if question.parameters:
            continue
        nobody = question.key == "customer.nth_order" and _is_at_most(state, question, 1)
        if nobody or (question.key == "customer.order_count" and _is_at_most(state, question, 0)):
            later = (ask(key, question.audience) for key in AFTER_FIRST if find_fact(key) is not None)
            if any(each in state and not state[each].missing for each in later):
                return True
            if any(_is_bought(state, each, question) for each in state):
                return True
    return False


def _is_bought(state: State, count: Question, first: Question) -> bool:
    """Whether a purchase is asked for; `first` says that there was none."""
    if count.key != "history.purchase_count" or count.audience != first.audience:
        return False
    found = _numbers(state, count)
    return found is not None and found.low > 0


def _is_at_most(state: State, question: Question, most: float) -> bool:
    found = _numbers(state, question)
    return found is not None and found.high <= most


def _check_since(state: State) -> bool:
    """So many within days, and longer ago than that."""
    for count in state:
        found, days = _numbers(state, count), count.get("days")
        if _find_since(count.key) is None or found is None or found.low < 1 or not isinstance(days, int):
            continue
        for since in _list_since(count):
            ago = _numbers(state, since)
            if ago is not None and ago.low > days:
                return True
    return False


def _find_since(key: str) -> str | None:
    """Return the fact that says how long ago the latest was of what is counted: X_count, days_since_X."""
    if not (key.startswith(HISTORY) and key.endswith("_count")):
        return None
    since = f"{HISTORY}days_since_{key.removeprefix(HISTORY).removesuffix('_count')}"
    return since if find_fact(since) is not None else None


def _list_since(count: Question) -> Iterator[Question]:
    """Yield the facts that say when the latest of what is counted was, or of more than that."""
    since = _find_since(count.key)
    filters = tuple((name, value) for name, value in count.parameters if name != "days")
    if since is not None:
        yield Question(since, filters, count.audience)
        yield Question(since, (), count.audience)
    if count.key == "history.purchase_count":
        yield ask("customer.days_since_last_order", count.audience)


def _check_nobody(state: State) -> bool:
    """Nothing is known of a person who is not known."""
    strangers = [question for question, domain in state.items() if _is_stranger(question, domain)]
    known = [question for question, domain in state.items() if not domain.missing]
    return any(_speaks_of(other, stranger) for stranger in strangers for other in known)


def _is_stranger(question: Question, domain: Domain) -> bool:
    return question.key == "customer.is_known" and isinstance(domain.known, Words) and not domain.known.has("true")


def _speaks_of(question: Question, person: Question) -> bool:
    return question.fact.is_personal and question != person and question.audience == person.audience


def _check_season(state: State) -> bool:
    month, season = state.get(ask("calendar.month")), state.get(ask("calendar.season"))
    if month is None or season is None or not isinstance(month.known, Numbers) or not isinstance(season.known, Words):
        return False
    possible = [month_of for name, months in SEASONS.items() if season.known.accepts(name) for month_of in months]
    if season.known.allowed is not None:
        named = season.known.allowed
        possible = [
            m for name, months in SEASONS.items() if name in named and season.known.accepts(name) for m in months
        ]
    return not any(i.low <= m <= i.high for m in possible for i in month.known.intervals)


_CHECKS: Final[tuple[Callable[[State], bool], ...]] = (
    _check_greater,
    _check_narrower,
    _check_first_order,
    _check_since,
    _check_nobody,
    _check_season,
)
