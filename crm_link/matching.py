"""Which of many described persons are the same one. Pure: the rules of identity, without a database.

External id first, then e-mail address, then telephone number; never the name, which can only say no. See
docs/decisions/0041.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

IdentityKey = tuple[str, str]
Item = TypeVar("Item")
Node = TypeVar("Node")


@dataclass(frozen=True)
class Probe:
    """One described person, normalised. `identity` is (source, external id); always present."""

    identity: IdentityKey
    email: str | None = None
    phone: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class PhoneOwner:
    """Who a telephone number finds, with the addresses and names that speak for or against it."""

    customer_id: UUID
    shared: bool = False
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Known:
    """What the database already holds about the identities, addresses and numbers of the probes."""

    identities: Mapping[IdentityKey, UUID] = field(default_factory=dict)
    emails: Mapping[str, UUID] = field(default_factory=dict)
    phones: Mapping[str, PhoneOwner] = field(default_factory=dict)


@dataclass
class Plan:
    """`customers[i]` belongs to probe i. New customers, and who owns each identity, address and number not known
    before.

    `reasons` tells by what each new identity was tied to its customer; `shared` are numbers found to belong to
    several persons.
    """

    customers: list[UUID]
    new_customers: list[UUID]
    identities: dict[IdentityKey, UUID]
    reasons: dict[IdentityKey, str]
    emails: dict[str, UUID]
    phones: dict[str, UUID]
    shared: set[str]


@dataclass
class _Group:
    """Probes that are one person by identity or e-mail, not yet tied to a customer."""

    identities: list[IdentityKey]
    emails: frozenset[str]
    names: frozenset[str]


def plan_matches(probes: Sequence[Probe], known: Known, new_id: Callable[[], UUID]) -> Plan:
    """Assign a customer to every probe. The order of the probes does not matter, except for which random id a new one
    gets."""
    ordered = sorted(set(probes), key=lambda p: (p.identity, p.email or "", p.phone or "", p.name or ""))
    identities, emails = dict(known.identities), dict(known.emails)
    reasons: dict[IdentityKey, str] = {}
    _spread(ordered, identities, emails, reasons)
    plan = Plan([], [], identities, reasons, emails, {}, set())
    for group, phones in _group_rest(ordered, plan):
        _settle_group(group, phones, known, plan, new_id)
    _register_phones(ordered, known, plan)
    plan.customers = [identities[probe.identity] for probe in probes]
    plan.identities = {key: owner for key, owner in identities.items() if key not in known.identities}
    plan.emails = {email: owner for email, owner in emails.items() if email not in known.emails}
    return plan


def _spread(
    probes: Sequence[Probe],
    identities: dict[IdentityKey, UUID],
    emails: dict[str, UUID],
    reasons: dict[IdentityKey, str],
) -> None:
    """Carry owners from known identities to their addresses and on to other identities, until nothing is added."""
    size = -1
    while size != len(identities) + len(emails):
        size = len(identities) + len(emails)
        for probe in probes:
            owner = identities.get(probe.identity)
            if owner is None and probe.email in emails:
                owner = identities[probe.identity] = emails[probe.email]
                reasons[probe.identity] = "email"
            if owner is not None and probe.email:
                emails.setdefault(probe.email, owner)


def _group_rest(probes: Sequence[Probe], plan: Plan) -> list[tuple[_Group, list[str]]]:
    """Group what is left by identity and e-mail, and then by telephone number where nothing speaks against it."""
    rest = [probe for probe in probes if probe.identity not in plan.identities]
    parts = _connect(rest, lambda p: [("identity", p.identity), *([("email", p.email)] if p.email else [])])
    by_phone: dict[str, list[int]] = defaultdict(list)
    for index, part in enumerate(parts):
        for phone in {p.phone for p in part if p.phone}:
            by_phone[phone].append(index)
    merged = _merge_by_phone(parts, by_phone, plan.shared)
    return [(_make_group(part), sorted({p.phone for p in part if p.phone})) for part in merged]


def _merge_by_phone(
    parts: Sequence[Sequence[Probe]], by_phone: Mapping[str, Sequence[int]], shared: set[str]
) -> list[list[Probe]]:
    usable: list[list[int]] = []
    for phone, members in sorted(by_phone.items()):
        if len(members) > 1 and _agree([_make_group(parts[index]) for index in members]):
            usable.append(list(members))
        elif len(members) > 1:
            shared.add(phone)
    links = {index: [n for n, members in enumerate(usable) if index in members] for index in _flatten(usable)}
    joined = _connect(range(len(parts)), lambda i: [("part", i), *(("phone", n) for n in links.get(i, []))])
    merged: list[list[Probe]] = []
    for indexes in joined:
        # A chain of numbers may tie two persons that no single number would: then none of it counts.
        if _agree([_make_group(parts[index]) for index in indexes]):
            merged.append([probe for index in indexes for probe in parts[index]])
        else:
            shared.update(p.phone for index in indexes for p in parts[index] if p.phone)
            merged.extend(list(parts[index]) for index in indexes)
    return merged


def _flatten(lists: Iterable[Iterable[int]]) -> set[int]:
    return {item for items in lists for item in items}


def _agree(groups: Iterable[_Group]) -> bool:
    """Several groups with one number are one person if at most one has an e-mail address, and no two names differ."""
    listed = list(groups)
    with_email = [group for group in listed if group.emails]
    names = {name for group in listed for name in group.names}
    return len(with_email) <= 1 and len(names) <= 1


def _connect(items: Iterable[Item], nodes_of: Callable[[Item], Iterable[Node]]) -> list[list[Item]]:
    """Return the connected components of items that share a node, in the order of their first items."""
    parent: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    listed = list(items)
    first_nodes = []
    for item in listed:
        first, *others = nodes_of(item)
        first_nodes.append(first)
        find(first)
        for other in others:
            parent[find(other)] = find(first)
    groups: dict[Node, list[Item]] = defaultdict(list)
    for item, node in zip(listed, first_nodes, strict=True):
        groups[find(node)].append(item)
    return list(groups.values())


def _make_group(part: Sequence[Probe]) -> _Group:
    return _Group(
        [p.identity for p in part],
        frozenset(p.email for p in part if p.email),
        frozenset(p.name for p in part if p.name),
    )


def _settle_group(group: _Group, phones: Sequence[str], known: Known, plan: Plan, new_id: Callable[[], UUID]) -> None:
    """Tie a group to the one customer its numbers find, or to a new one."""
    owners = {known.phones[phone].customer_id for phone in phones if _vouches(known.phones.get(phone), group)}
    if len(owners) == 1 and not any(phone in plan.shared for phone in phones):
        owner, reason = owners.pop(), "phone"
    else:
        owner, reason = new_id(), "new"
        plan.new_customers.append(owner)
    for identity in group.identities:
        plan.identities[identity] = owner
        plan.reasons[identity] = reason
    for email in group.emails:
        plan.emails.setdefault(email, owner)


def _vouches(owner: PhoneOwner | None, group: _Group) -> bool:
    if owner is None or owner.shared:
        return False
    return _agree([_Group([], owner.emails, owner.names), group])


def _register_phones(probes: Sequence[Probe], known: Known, plan: Plan) -> None:
    """Give numbers without an owner one; a number that a second customer has too becomes shared."""
    for probe in probes:
        if not probe.phone:
            continue
        owner = plan.identities[probe.identity]
        before = known.phones.get(probe.phone)
        holder = before.customer_id if before else plan.phones.setdefault(probe.phone, owner)
        if holder != owner:
            plan.shared.add(probe.phone)
    plan.shared -= {phone for phone, before in known.phones.items() if before.shared}
