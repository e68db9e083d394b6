"""Signing in: who gets in, how guessing is slowed down, and when a sign-in ends."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.auth.authority import EVERYWHERE, Place
from core.auth.errors import SignInRefusedError, TooManyAttemptsError
from core.auth.models import SignIn, SignInFailure
from core.auth.principals import find_user_principal
from core.auth.roles import Principal, Role
from core.auth.service import change_password, disable_user, revoke_role
from core.auth.signing_in import IDLE, LIFETIME, choose_shop, sign_in, sign_out, sweep_sign_ins
from core.db import system_scope
from tests.conftest import FixedClock
from tests.factories.core import PASSWORD, make_shop, make_user, make_warehouse

HERE = "203.0.113.7"


@pytest.fixture
def shop(database: str) -> UUID:
    return make_shop()


def find(token: str) -> Principal | None:
    with system_scope() as session:
        return find_user_principal(session, token)


def tags() -> list[str]:
    with system_scope() as session:
        return list(session.execute(select(AuditEntry.tag).order_by(AuditEntry.serial)).scalars())


def test_the_right_password_opens_a_sign_in_of_which_only_a_digest_is_kept(shop: UUID) -> None:
    make_user((Role.OPERATOR, Place(shop)), email="Hanako@Example.com")

    opened = sign_in(" hanako@example.com ", PASSWORD, address=HERE)

    principal = find(opened.token)
    assert principal is not None
    assert principal.roles == {shop: frozenset({Role.OPERATOR})}
    with system_scope() as session:
        [kept] = session.execute(select(SignIn)).scalars()
    assert opened.token.encode() not in kept.token_hash
    assert tags()[-1] == "auth:sign_in:opened"


@pytest.mark.parametrize(("email", "password"), [("hanako@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_account_look_alike(shop: UUID, email: str, password: str) -> None:
    make_user((Role.OPERATOR, Place(shop)), email="hanako@example.com")
    with pytest.raises(SignInRefusedError):
        sign_in(email, password, address=HERE)
    assert tags()[-1] == "auth:sign_in:refused"


def test_a_disabled_user_is_out_at_once(shop: UUID) -> None:
    user = make_user((Role.OPERATOR, Place(shop)), email="hanako@example.com")
    opened = sign_in(user.email, PASSWORD, address=HERE)
    with system_scope() as session:
        disable_user(session, EVERYWHERE, user.id)
    assert find(opened.token) is None
    with pytest.raises(SignInRefusedError):
        sign_in(user.email, PASSWORD, address=HERE)


def test_guessing_is_slowed_down_and_the_right_password_does_not_help_then(shop: UUID, clock: FixedClock) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(user.email, "wrong", address=HERE)
    with pytest.raises(TooManyAttemptsError, match="30 seconds"):
        sign_in(user.email, PASSWORD, address=HERE)
    assert tags()[-1] == "auth:sign_in:throttled"

    clock.advance(seconds=31)
    assert sign_in(user.email, PASSWORD, address=HERE)
    for _ in range(4):
        with pytest.raises(SignInRefusedError):
            sign_in(user.email, "wrong", address=HERE)


def test_somebody_elses_guesses_from_another_address_lock_nobody_out(shop: UUID, clock: FixedClock) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            sign_in(user.email, "wrong", address="198.51.100.9")
    assert sign_in(user.email, PASSWORD, address=HERE)


def test_good_sign_ins_of_a_whole_office_are_no_guesses(shop: UUID, clock: FixedClock) -> None:
    users = [make_user((Role.PACKER, Place(shop))) for _ in range(4)]
    for _ in range(15):
        for user in users:
            sign_in(user.email, PASSWORD, address=HERE)
    with system_scope() as session:
        assert session.execute(select(SignInFailure)).all() == []


def test_many_guesses_at_the_same_moment_get_no_more_tries_than_one_after_the_other(
    shop: UUID, clock: FixedClock
) -> None:
    user, start = make_user((Role.OPERATOR, Place(shop))), Barrier(8)

    def guess(_: int) -> str:
        start.wait()
        try:
            sign_in(user.email, "wrong", address=HERE)
        except (SignInRefusedError, TooManyAttemptsError) as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(8)))

    assert sorted(outcomes) == ["sign_in_refused"] * 5 + ["too_many_attempts"] * 3


@pytest.mark.parametrize("pause", [IDLE, LIFETIME])
def test_a_sign_in_ends_when_idle_or_old(shop: UUID, clock: FixedClock, pause: object) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    opened = sign_in(user.email, PASSWORD, address=HERE)
    clock.move_to(clock.now + pause)  # type: ignore[operator]
    assert find(opened.token) is None


def test_use_keeps_a_sign_in_open(shop: UUID, clock: FixedClock) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    opened = sign_in(user.email, PASSWORD, address=HERE)
    for _ in range(3):
        clock.advance(hours=11)
        assert find(opened.token) is not None


def test_signing_out_ends_it_and_repeating_changes_nothing(shop: UUID) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    opened = sign_in(user.email, PASSWORD, address=HERE)
    principal = find(opened.token)
    assert principal is not None
    assert principal.sign_in_id is not None
    for _ in range(2):
        with system_scope() as session:
            sign_out(session, principal.sign_in_id)
    assert find(opened.token) is None
    assert tags().count("auth:sign_in:closed") == 1


def test_a_new_password_signs_the_other_browsers_out(shop: UUID) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    here, there = (sign_in(user.email, PASSWORD, address=HERE) for _ in range(2))
    kept = find(here.token)
    assert kept is not None
    with system_scope() as session:
        change_password(session, user.id, old=PASSWORD, new="a new and long one", keep_sign_in=kept.sign_in_id)
    assert find(here.token) is not None
    assert find(there.token) is None
    assert sign_in(user.email, "a new and long one", address=HERE)


def test_what_ended_long_ago_is_swept(shop: UUID, clock: FixedClock) -> None:
    user = make_user((Role.OPERATOR, Place(shop)))
    sign_in(user.email, PASSWORD, address=HERE)
    with pytest.raises(SignInRefusedError):
        sign_in(user.email, "wrong", address=HERE)
    assert sweep_sign_ins() == 0
    clock.advance(days=50)
    open_again = sign_in(user.email, PASSWORD, address=HERE)
    assert sweep_sign_ins() == 1
    assert find(open_again.token) is not None
    with system_scope() as session:
        assert session.execute(select(SignInFailure)).all() == []


def test_a_packer_of_a_warehouse_may_touch_the_shops_it_serves_as_a_packer_only(database: str) -> None:
    warehouse = make_warehouse()
    served, other = make_shop(warehouse_id=warehouse), make_shop()
    user = make_user((Role.PACKER, Place(warehouse_id=warehouse)), (Role.OPERATOR, Place(other)))

    principal = find(sign_in(user.email, PASSWORD, address=HERE).token)

    assert principal is not None
    assert principal.roles == {served: frozenset({Role.PACKER}), other: frozenset({Role.OPERATOR})}
    assert principal.warehouse_ids == {warehouse}
    assert principal.shops_for(frozenset({Role.OPERATOR})) == {other}


def test_a_warehouse_that_serves_nobody_yet_is_still_known(database: str) -> None:
    warehouse = make_warehouse()
    user = make_user((Role.PACKER, Place(warehouse_id=warehouse)))
    principal = find(sign_in(user.email, PASSWORD, address=HERE).token)
    assert principal is not None
    assert not principal.roles
    assert principal.warehouse_ids == {warehouse}


def test_the_installations_administrator_administers_every_shop_and_nothing_more(database: str) -> None:
    shops = {make_shop(), make_shop()}
    user = make_user((Role.ADMINISTRATOR, Place()))
    principal = find(sign_in(user.email, PASSWORD, address=HERE).token)
    assert principal is not None
    assert principal.is_installation_administrator
    assert principal.roles == dict.fromkeys(shops, frozenset({Role.ADMINISTRATOR}))


def test_a_chosen_shop_that_is_taken_away_is_no_longer_chosen(database: str) -> None:
    one, two = make_shop(), make_shop()
    user = make_user((Role.OPERATOR, Place(one)), (Role.OPERATOR, Place(two)))
    opened = sign_in(user.email, PASSWORD, address=HERE)
    principal = find(opened.token)
    assert principal is not None
    with system_scope() as session:
        choose_shop(session, principal, one)
    assert (found := find(opened.token)) is not None
    assert found.chosen_shop_id == one
    with system_scope() as session:
        revoke_role(session, EVERYWHERE, user.id, Role.OPERATOR, Place(one))
    assert (found := find(opened.token)) is not None
    assert found.chosen_shop_id is None
