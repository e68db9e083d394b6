"""What the matching rules of a batch may take from others: which locks and which counts are needed. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from personalization.facts.question import Audience
from personalization.insert_info import InsertInfo
from personalization.locks import make_bucket_locks, make_lock
from personalization.models import WhenOut
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch
from personalization.resolver.resolve import Matches, Rulebook
from personalization.rulesets.ruleset import Rule


@dataclass(frozen=True, slots=True)
class Contention:
    """`demand`: insert key → most pieces that could be asked for, substitutes included."""

    rules: tuple[Rule, ...]
    demand: Counter[str]
    inserts: tuple[InsertInfo, ...]
    promises: bool

    @property
    def overall(self) -> dict[str, int]:
        """Rule key → smallest overall limit."""
        limits = [(rule.key, limit.count) for rule in self.rules for limit in rule.limits if not limit.per_customer]
        return {key: min(count for other, count in limits if other == key) for key, _ in limits}

    @property
    def per_customer(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if any(limit.per_customer for limit in rule.limits))

    @property
    def limited_inserts(self) -> tuple[InsertInfo, ...]:
        return tuple(insert for insert in self.inserts if insert.limit_per_customer is not None)

    @property
    def stocked(self) -> tuple[InsertInfo, ...]:
        return tuple(insert for insert in self.inserts if insert.stocked)


def find_contention(rulebook: Rulebook, matches: Matches, requests: Sequence[DecisionRequest] = ()) -> Contention:
    """Return what the acting rules could take, whatever the resolver will let them."""
    acting: Counter[int] = Counter(matches.acting.numbers.tolist())
    rules = tuple(rulebook.document.active[index] for index in sorted(acting))
    demand: Counter[str] = Counter()
    for index, times in acting.items():
        for action in rulebook.document.active[index].then:
            for insert in list_chain(rulebook, action.insert_key):
                demand[insert.key] += times * action.quantity
    for given in (given for request in requests for given in request.again):
        for insert in list_chain(rulebook, given.insert_key):
            demand[insert.key] += given.quantity
    # A promise of an earlier parcel may bring in any insert that is ever back-ordered.
    owed = [i for i in rulebook.inserts.values() if i.when_out is WhenOut.BACK_ORDER]
    for insert in owed:
        for link in list_chain(rulebook, insert.key):
            demand[link.key] += len(matches.acting)
    inserts = tuple(rulebook.inserts[key] for key in sorted(demand))
    return Contention(rules, demand, inserts, bool(owed))


def list_chain(rulebook: Rulebook, key: str | None) -> Iterator[InsertInfo]:
    """Yield an insert and its substitutes, as far as they are known."""
    insert = rulebook.inserts.get(key or "")
    seen: set[str] = set()
    while insert is not None and insert.key not in seen:
        seen.add(insert.key)
        yield insert
        insert = rulebook.inserts.get(insert.substitute_key or "")


def list_locks(shop_id: UUID, batch: Batch, contention: Contention) -> Set[int]:
    """Return every lock that deciding this batch needs."""
    locks = set(make_bucket_locks(shop_id, "shipment", [request.shipment_id for request in batch.requests]))
    if contention.per_customer or contention.limited_inserts or contention.promises:
        locks |= make_bucket_locks(shop_id, "customer", list_persons(batch))
    locks |= {make_lock(shop_id, "rule", key) for key in contention.overall}
    locks |= {make_lock(shop_id, "insert", str(insert.id)) for insert in contention.stocked}
    return locks


def list_persons(batch: Batch) -> Set[UUID]:
    """Return buyers and recipients of the batch."""
    found = {request.customer_id for request in batch.requests}
    found |= {request.recipient_customer_id for request in batch.requests}
    return {person for person in found if person is not None}


def get_rule_person(rule: Rule, batch: Batch, row: int) -> UUID | None:
    """Return the person by whom the rule's limits count."""
    request = batch.requests[row]
    return request.customer_id if rule.audience is Audience.BUYER else request.recipient_customer_id
