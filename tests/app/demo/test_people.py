"""Invented people."""

from datetime import date

from app.demo.people import ODD_NAMES, make_people

TODAY = date(2026, 11, 21)


def test_the_same_seed_makes_the_same_people() -> None:
    first, second = (make_people(7, 40, mail_prefix="a", born_before=TODAY) for _ in range(2))
    assert first == second


def test_nobody_can_be_reached_and_no_two_share_a_contact() -> None:
    people = make_people(7, 400, mail_prefix="a", born_before=TODAY)
    assert all(person.email.endswith("@example.jp") for person in people)
    assert all(person.phone[3:6] == "-00" for person in people)
    assert len({person.email for person in people}) == len({person.phone for person in people}) == len(people)


def test_everybody_is_of_age_and_the_first_bear_odd_names() -> None:
    people = make_people(7, 50, mail_prefix="a", born_before=TODAY, odd_names=ODD_NAMES)
    assert all((TODAY - person.born_on).days >= 18 * 365 for person in people)
    assert [person.last_name for person in people[: len(ODD_NAMES)]] == [name[0] for name in ODD_NAMES]
