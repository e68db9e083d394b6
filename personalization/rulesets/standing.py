"""What the resolver itself must know, whatever the rules ask: purposes, care, complaints, the worth of the goods."""

from collections.abc import Collection, Iterator

from personalization.facts.question import Audience, Question, ask

GRANTED = "customer.purposes_granted"
DENIED = "customer.purposes_denied"
CARE = "customer.care_flags"
ALLERGIES = "customer.allergies"
GOODS_TOTAL = "order.goods_total"
COMPLAINT = "history.has_open_complaint"


def list_standing_questions(audiences: Collection[Audience]) -> Iterator[Question]:
    """Yield what is asked about everybody, and about those whom rules look at."""
    for audience in audiences:
        for key in (GRANTED, DENIED, COMPLAINT):
            yield ask(key, audience)
    for audience in Audience:
        yield ask(CARE, audience)
        yield ask(ALLERGIES, audience)
    yield ask(GOODS_TOTAL)
