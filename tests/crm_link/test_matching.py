"""The rules of identity, without a database."""

import random
from collections import defaultdict
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from crm_link.matching import Known, PhoneOwner, Plan, Probe, plan_matches

ALICE, BOB = UUID(int=1), UUID(int=2)
PHONE = "+81312345678"


def plan(*probes: Probe, known: Known | None = None) -> Plan:
    return plan_matches(probes, known or Known(), uuid4)


def test_an_external_id_outweighs_an_address() -> None:
    known = Known(identities={("ec", "1"): ALICE}, emails={"b@example.jp": BOB})

    assert plan(Probe(("ec", "1"), email="b@example.jp"), known=known).customers == [ALICE]


def test_an_address_outweighs_a_number() -> None:
    known = Known(emails={"b@example.jp": BOB}, phones={PHONE: PhoneOwner(ALICE)})

    assert plan(Probe(("ec", "1"), email="b@example.jp", phone=PHONE), known=known).customers == [BOB]


def test_a_number_finds_its_owner_when_nothing_speaks_against_it() -> None:
    known = Known(phones={PHONE: PhoneOwner(ALICE, names=frozenset({"架空花子"}))})

    found = plan(Probe(("ec", "1"), email="a@example.jp", phone=PHONE, name="架空花子"), known=known)

    assert found.customers == [ALICE]
    assert found.reasons[("ec", "1")] == "phone"


def test_two_persons_with_one_number_and_two_addresses_stay_two() -> None:
    found = plan(
        Probe(("ec", "1"), email="a@example.jp", phone=PHONE), Probe(("ec", "2"), email="b@example.jp", phone=PHONE)
    )

    assert found.customers[0] != found.customers[1]
    assert found.shared == {PHONE}


def test_another_name_speaks_against_a_number() -> None:
    known = Known(phones={PHONE: PhoneOwner(ALICE, names=frozenset({"架空花子"}))})

    assert plan(Probe(("ec", "1"), phone=PHONE, name="架空太郎"), known=known).customers != [ALICE]


def test_a_shared_number_finds_nobody() -> None:
    known = Known(phones={PHONE: PhoneOwner(ALICE, shared=True)})

    assert plan(Probe(("ec", "1"), phone=PHONE), known=known).customers != [ALICE]


def test_a_chain_of_numbers_does_not_tie_two_addresses() -> None:
    other = "+81312345679"
    found = plan(
        Probe(("ec", "1"), email="a@example.jp", phone=PHONE),
        Probe(("ec", "2"), phone=PHONE),
        Probe(("ec", "2"), phone=other),
        Probe(("ec", "3"), email="c@example.jp", phone=other),
    )

    assert found.customers[0] != found.customers[3]


def test_the_same_name_alone_never_makes_one_person() -> None:
    found = plan(Probe(("ec", "1"), name="架空花子"), Probe(("ec", "2"), name="架空花子"))

    assert len(set(found.customers)) == 2


PROBES = st.lists(
    st.builds(
        Probe,
        st.tuples(st.sampled_from(["ec", "crm"]), st.sampled_from("1234")),
        st.sampled_from([None, "a@example.jp", "b@example.jp", "c@example.jp"]),
        st.sampled_from([None, PHONE, "+81312345679"]),
        st.sampled_from([None, "架空花子", "架空太郎"]),
    ),
    max_size=8,
)


def _partition(probes: list[Probe], found: Plan) -> set[frozenset[Probe]]:
    groups: dict[UUID, set[Probe]] = defaultdict(set)
    for probe, customer in zip(probes, found.customers, strict=True):
        groups[customer].add(probe)
    return {frozenset(group) for group in groups.values()}


@given(PROBES, st.randoms())
def test_the_order_of_persons_does_not_matter(probes: list[Probe], rng: random.Random) -> None:
    shuffled = list(probes)
    rng.shuffle(shuffled)

    assert _partition(probes, plan(*probes)) == _partition(shuffled, plan(*shuffled))


@given(PROBES)
def test_what_was_resolved_once_is_found_again(probes: list[Probe]) -> None:
    first = plan(*probes)
    phones = {phone: PhoneOwner(owner, phone in first.shared) for phone, owner in first.phones.items()}

    again = plan(*probes, known=Known(first.identities, first.emails, phones))

    assert again.customers == first.customers
    assert (again.new_customers, again.identities, again.emails, again.phones) == ([], {}, {}, {})


@given(PROBES)
def test_one_identity_is_one_customer_and_one_address_finds_one(probes: list[Probe]) -> None:
    found = plan(*probes)

    assert all(found.identities[p.identity] == c for p, c in zip(probes, found.customers, strict=True))
    assert {p.email for p in probes if p.email} == set(found.emails)
