"""From draft to live: alone, by two people, at a moment, and back; nobody twice, nobody past another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core import clock
from core.audit.models import AuditEntry
from core.db import session_scope
from core.errors import AppError
from core.ids import new_id
from personalization.errors import (
    ApprovalNeededError,
    DraftOvertakenError,
    LiveChangedError,
    MomentError,
    NoteNeededError,
    NothingToPublishError,
    OwnReleaseError,
    ReleaseChangedError,
    ReleaseStateError,
    RulesetError,
    ScheduleTakenError,
    VersionNotFoundError,
)
from personalization.inserts import save_inserts
from personalization.models import RulesetVersion
from personalization.publishing import find_live_version, find_ruleset, publish_ruleset, save_draft
from personalization.versions import service
from personalization.versions.due import find_due_shops, publish_due
from personalization.versions.models import ReleaseState, RulesetRelease
from personalization.versions.queries import get_approval, get_release, list_history, list_open_releases
from personalization.versions.service import Person
from tests.factories.personalization import CATALOGUE, NOON, enclose, rule, ruleset
from tests.personalization.world import INSERTS, World, make_world

HANA, TARO = Person(new_id(), "Hana"), Person(new_id(), "Taro")


@pytest.fixture
def world(database: str) -> World:
    made = make_world()
    made.publish(rule("a", enclose("leaflet")))
    return made


def draft(world: World, *rules: dict[str, Any]) -> int:
    """Save a draft and return its version."""
    with session_scope([world.shop_id]) as session:
        ruleset_row = find_ruleset(session, world.shop_id)
        seen = ruleset_row.draft_version if ruleset_row else 0
        return save_draft(session, world.shop_id, ruleset(*rules), seen_version=seen, author="Hana")


def require_approval(world: World) -> None:
    with session_scope([world.shop_id]) as session:
        service.set_approval(session, world.shop_id, True)


def submit(world: World, key: str, person: Person = HANA, hours: float | None = None) -> UUID:
    """Submit a draft of one rule; returns the release."""
    seen = draft(world, rule(key, enclose("leaflet")))
    publish_at = None if hours is None else NOON + timedelta(hours=hours)
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        return service.submit_draft(
            session, world.shop_id, CATALOGUE, person=person, note=key, seen_draft=seen, publish_at=publish_at
        ).id


def approve(world: World, release_id: UUID, person: Person = TARO, live: int | None = 1, digest: str = "") -> None:
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        release = get_release(session, world.shop_id, release_id)
        seen = digest or release.digest.hex()
        service.approve(session, world.shop_id, release_id, CATALOGUE, person=person, seen_digest=seen, seen_live=live)


def live_keys(world: World) -> list[str]:
    with session_scope([world.shop_id]) as session:
        live = find_live_version(session, world.shop_id)
        return [each["key"] for each in live.document["rules"]] if live else []


def state_of(world: World, release_id: UUID) -> ReleaseState:
    with session_scope([world.shop_id]) as session:
        return get_release(session, world.shop_id, release_id).state


def pass_time(world: World, hours: float) -> list[ReleaseState]:
    """Let the moment come and the job run; returns what became of what was due."""
    moment = NOON + timedelta(hours=hours)
    with clock.freeze(moment), session_scope([world.shop_id]) as session:
        return [release.state for release in publish_due(session, world.shop_id, CATALOGUE, moment)]


def test_a_draft_is_published_as_it_was_seen(world: World) -> None:
    seen = draft(world, rule("b", enclose("leaflet")))
    with session_scope([world.shop_id]) as session:
        with pytest.raises(DraftOvertakenError):
            service.publish_draft(session, world.shop_id, CATALOGUE, person=HANA, note="", seen_draft=seen - 1)
        version = service.publish_draft(session, world.shop_id, CATALOGUE, person=HANA, note="n", seen_draft=seen)
        assert (version.number, version.published_by, version.changes) == (2, "Hana", {"added": 1, "removed": 1})
        with pytest.raises(NothingToPublishError):
            service.publish_draft(session, world.shop_id, CATALOGUE, person=HANA, note="", seen_draft=seen)


def test_where_two_must_agree_nobody_publishes_alone_at_any_door(world: World) -> None:
    require_approval(world)
    seen = draft(world, rule("b", enclose("leaflet")))
    with session_scope([world.shop_id]) as session:
        assert get_approval(session, world.shop_id)
        with pytest.raises(ApprovalNeededError):
            service.publish_draft(session, world.shop_id, CATALOGUE, person=HANA, note="", seen_draft=seen)
        other = ruleset(rule("c", enclose("leaflet")))
        with pytest.raises(ApprovalNeededError):
            publish_ruleset(session, world.shop_id, other, CATALOGUE, author="command", note="")
    assert live_keys(world) == ["a"]


def test_a_second_person_approves_what_was_submitted(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    assert live_keys(world) == ["a"]
    draft(world, rule("later", enclose("leaflet")))  # The draft goes on; what was submitted does not change.
    approve(world, release_id)
    assert live_keys(world) == ["b"]
    with session_scope([world.shop_id]) as session:
        (entry, _) = list_history(session, world.shop_id)
        assert (entry.number, entry.published_by, entry.approved_by, entry.note) == (2, "Hana", "Taro", "b")
        tags = set(session.scalars(select(AuditEntry.tag).where(AuditEntry.subject_id == release_id)))
    assert tags == {f"personalization:release:{act}" for act in ("submitted", "approved", "published")}


@pytest.mark.parametrize("person", [HANA, Person(new_id(), "a key", is_user=False), Person(None, "nobody")])
def test_nobody_approves_their_own_and_no_program_does(world: World, person: Person) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    with pytest.raises(OwnReleaseError):
        approve(world, release_id, person)
    assert state_of(world, release_id) is ReleaseState.WAITING


def test_what_was_not_looked_at_is_not_approved(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    with pytest.raises(ReleaseChangedError):
        approve(world, release_id, digest="00" * 32)
    with pytest.raises(LiveChangedError):
        approve(world, release_id, live=None)
    with session_scope([world.shop_id]) as session:
        # Somebody with the database in hand.
        get_release(session, world.shop_id, release_id).document = ruleset(rule("evil", enclose("sample")))
    with pytest.raises(ReleaseChangedError):
        approve(world, release_id)
    assert live_keys(world) == ["a"]


def test_what_is_broken_by_now_is_not_approved(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [{**INSERTS[0], "active": False}])
    with pytest.raises(RulesetError):
        approve(world, release_id)
    assert state_of(world, release_id) is ReleaseState.WAITING


def test_what_is_sent_back_says_why_and_is_answered_by_the_next(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    with session_scope([world.shop_id]) as session:
        with pytest.raises(NoteNeededError):
            service.send_back(session, world.shop_id, release_id, person=TARO, note=" ")
        service.send_back(session, world.shop_id, release_id, person=TARO, note="文面を直してください")
    with pytest.raises(ReleaseStateError):
        approve(world, release_id)
    with session_scope([world.shop_id]) as session:
        (open_one,) = list_open_releases(session, world.shop_id)
        assert (open_one.answer, open_one.decided_by) == ("文面を直してください", "Taro")
    again = submit(world, "c")
    with session_scope([world.shop_id]) as session:
        assert [release.id for release in list_open_releases(session, world.shop_id)] == [again]


def test_a_new_submission_takes_the_place_of_one_that_waits(world: World) -> None:
    require_approval(world)
    first, second = submit(world, "b"), submit(world, "c", TARO)
    assert (state_of(world, first), state_of(world, second)) == (ReleaseState.CANCELLED, ReleaseState.WAITING)


def test_of_two_who_decide_at_once_one_is_told(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    people = [Person(new_id(), f"p{number}") for number in range(6)]

    def act(person: Person) -> str:
        try:
            approve(world, release_id, person)
        except AppError as error:
            return error.code
        return "approved"

    # The clock is the process's: each thread finds it standing already and leaves it so.
    with clock.freeze(NOON), ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(act, people)) == ["approved"] + ["release_state"] * 5
    with session_scope([world.shop_id]) as session:
        assert [entry.number for entry in list_history(session, world.shop_id)] == [2, 1]


def test_what_is_scheduled_comes_live_at_its_moment_and_once(world: World) -> None:
    release_id = submit(world, "b", hours=2)
    assert pass_time(world, 1.9) == []
    assert live_keys(world) == ["a"]
    assert find_due_shops(NOON + timedelta(hours=2)) == [world.shop_id]
    assert find_due_shops(NOON + timedelta(hours=1)) == []
    with ThreadPoolExecutor(4) as pool:  # The clock is the process's: frozen once for all.
        moment = NOON + timedelta(hours=2)

        def work(_: int) -> int:
            with session_scope([world.shop_id]) as session:
                return len(publish_due(session, world.shop_id, CATALOGUE, moment))

        assert sorted(pool.map(work, range(4))) == [0, 0, 0, 1]
    assert live_keys(world) == ["b"]
    assert state_of(world, release_id) is ReleaseState.PUBLISHED
    with session_scope([world.shop_id]) as session:
        assert len(session.scalars(select(RulesetVersion.id)).all()) == 2


def test_a_process_that_dies_leaves_it_to_the_next(world: World) -> None:
    release_id = submit(world, "b", hours=1)
    moment = NOON + timedelta(hours=1)

    def die() -> None:
        with session_scope([world.shop_id]) as session:
            assert publish_due(session, world.shop_id, CATALOGUE, moment)
            raise KeyboardInterrupt  # Killed before the commit.

    with pytest.raises(KeyboardInterrupt):
        die()
    assert (live_keys(world), state_of(world, release_id)) == (["a"], ReleaseState.SCHEDULED)
    assert pass_time(world, 1) == [ReleaseState.PUBLISHED]
    assert live_keys(world) == ["b"]


def test_what_is_broken_at_its_moment_is_refused_with_its_reasons(world: World) -> None:
    first, second = submit(world, "b", hours=1), submit(world, "c", hours=2)
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [{**INSERTS[0], "active": False}])
    assert pass_time(world, 1) == [ReleaseState.REFUSED]
    assert live_keys(world) == ["a"]
    assert state_of(world, second) is ReleaseState.OVERTAKEN  # It was to follow what did not come.
    with session_scope([world.shop_id]) as session:
        release = get_release(session, world.shop_id, first)
        assert [(problem["place"], problem["code"]) for problem in release.problems or []] == [
            ("$.rules[0].then[0].insert", "unknown_insert")
        ]
        assert release.closed_at is None
        service.cancel(session, world.shop_id, first, person=HANA)
        assert get_release(session, world.shop_id, first).state is ReleaseState.REFUSED
        assert [each.id for each in list_open_releases(session, world.shop_id)] == [second]


def test_start_and_end_of_a_campaign_are_scheduled_one_after_the_other(world: World) -> None:
    submit(world, "campaign", hours=1)
    with pytest.raises(ScheduleTakenError):
        submit(world, "too-early", hours=0.5)
    last = submit(world, "after", hours=2)
    assert pass_time(world, 1) == [ReleaseState.PUBLISHED]
    assert state_of(world, last) is ReleaseState.SCHEDULED
    assert pass_time(world, 2) == [ReleaseState.PUBLISHED]
    assert live_keys(world) == ["after"]


def test_both_come_in_order_when_nobody_worked_for_long(world: World) -> None:
    submit(world, "campaign", hours=1)
    submit(world, "after", hours=2)
    assert pass_time(world, 5) == [ReleaseState.PUBLISHED, ReleaseState.PUBLISHED]
    assert live_keys(world) == ["after"]


def test_a_version_from_elsewhere_overtakes_what_would_undo_it(world: World) -> None:
    first, second = submit(world, "b", hours=1), submit(world, "c", hours=2)
    world.publish(rule("fix", enclose("leaflet")))
    assert {state_of(world, first), state_of(world, second)} == {ReleaseState.OVERTAKEN}
    assert pass_time(world, 3) == []
    assert live_keys(world) == ["fix"]
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        later = NOON + timedelta(hours=4)
        with pytest.raises(LiveChangedError):
            service.renew(session, world.shop_id, first, CATALOGUE, person=TARO, seen_live=1, publish_at=later)
        service.renew(session, world.shop_id, first, CATALOGUE, person=TARO, seen_live=2, publish_at=later)
    assert pass_time(world, 4) == [ReleaseState.PUBLISHED]
    assert live_keys(world) == ["b"]


def test_what_is_renewed_is_approved_anew_where_two_must_agree(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b", hours=1)
    approve(world, release_id)
    assert state_of(world, release_id) is ReleaseState.SCHEDULED
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        service.set_approval(session, world.shop_id, False)
    world.publish(rule("fix", enclose("leaflet")))
    require_approval(world)
    with clock.freeze(NOON), session_scope([world.shop_id]) as session:
        later = NOON + timedelta(hours=4)
        service.renew(session, world.shop_id, release_id, CATALOGUE, person=TARO, seen_live=2, publish_at=later)
    assert state_of(world, release_id) is ReleaseState.WAITING
    with pytest.raises(OwnReleaseError):
        approve(world, release_id, TARO, live=2)  # He is its author now.
    approve(world, release_id, HANA, live=2)
    assert state_of(world, release_id) is ReleaseState.SCHEDULED


def test_what_is_scheduled_can_be_cancelled_and_takes_its_followers_along(world: World) -> None:
    first, second = submit(world, "b", hours=1), submit(world, "c", hours=2)
    with session_scope([world.shop_id]) as session:
        service.cancel(session, world.shop_id, first, person=TARO)
    assert (state_of(world, first), state_of(world, second)) == (ReleaseState.CANCELLED, ReleaseState.OVERTAKEN)
    assert pass_time(world, 3) == []
    with pytest.raises(ReleaseStateError), session_scope([world.shop_id]) as session:
        service.cancel(session, world.shop_id, first, person=TARO)


def test_a_moment_that_is_past_is_refused(world: World) -> None:
    with pytest.raises(MomentError):
        submit(world, "b", hours=-1)
    with pytest.raises(MomentError):
        submit(world, "b")  # Neither a moment nor a second person: then it is simply published.


def test_one_click_brings_an_earlier_version_back_as_a_new_one(world: World) -> None:
    seen = draft(world, rule("b", enclose("leaflet")))
    with session_scope([world.shop_id]) as session:
        service.publish_draft(session, world.shop_id, CATALOGUE, person=HANA, note="", seen_draft=seen)
    require_approval(world)  # What was live once needs nobody's approval to come back.
    with session_scope([world.shop_id]) as session:
        with pytest.raises(LiveChangedError):
            service.roll_back(session, world.shop_id, 1, CATALOGUE, person=TARO, seen_live=1)
        version = service.roll_back(session, world.shop_id, 1, CATALOGUE, person=TARO, seen_live=2)
        assert (version.number, version.restored_number, version.published_by) == (3, 1, "Taro")
        with pytest.raises(NothingToPublishError):
            service.roll_back(session, world.shop_id, 1, CATALOGUE, person=TARO, seen_live=3)
        with pytest.raises(VersionNotFoundError):
            service.roll_back(session, world.shop_id, 9, CATALOGUE, person=TARO, seen_live=3)
        kept = find_ruleset(session, world.shop_id)
        assert kept is not None
        assert kept.draft is None  # Nobody had edited: the editor shows what is live.
    assert live_keys(world) == ["a"]


def test_a_roll_back_keeps_what_somebody_is_writing(world: World) -> None:
    world.publish(rule("b", enclose("leaflet")))
    draft(world, rule("work", enclose("leaflet")))
    with session_scope([world.shop_id]) as session:
        service.roll_back(session, world.shop_id, 1, CATALOGUE, person=TARO, seen_live=2)
        kept = find_ruleset(session, world.shop_id)
        assert kept is not None
        assert kept.draft is not None
        assert kept.draft["rules"][0]["key"] == "work"


def test_what_no_longer_fits_the_shop_is_not_brought_back(world: World) -> None:
    world.publish(rule("b", enclose("sample")))
    with session_scope([world.shop_id]) as session:
        save_inserts(session, world.shop_id, [{**INSERTS[0], "active": False}])
        with pytest.raises(RulesetError):
            service.roll_back(session, world.shop_id, 1, CATALOGUE, person=TARO, seen_live=2)


def test_another_shop_sees_none_of_it(world: World) -> None:
    require_approval(world)
    release_id = submit(world, "b")
    other = make_world()
    with session_scope([other.shop_id]) as session:
        assert session.get(RulesetRelease, release_id) is None
        assert not get_approval(session, other.shop_id)
