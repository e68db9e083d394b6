"""The chain's arithmetic: whatever is changed in a sealed history, the first broken link is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.audit.chain import GENESIS, Break, BrokenLink, Seal, check_entries, check_link, digest_entry, make_seal

KEY = b"k" * 32
START = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
Entry = dict[str, Any]


def make_entry(number: int) -> Entry:
    return {
        "id": UUID(int=number + 1),
        "shop_id": UUID(int=7) if number % 2 else None,
        "at": START + timedelta(seconds=number),
        "tag": "bench:parcel:verified",
        "actor_kind": "user",
        "actor_id": None,
        "subject_id": UUID(int=number + 1000),
        "request_id": None,
        "details": {"number": number, "nested": {"b": [1, 2.5], "a": "添え書き"}},
    }


def build(sizes: list[int]) -> tuple[list[Seal], dict[UUID, tuple[int, Entry]]]:
    """Return a chain with links of these sizes, and the entries: id → (seal number, entry)."""
    seals: list[Seal] = []
    entries: dict[UUID, tuple[int, Entry]] = {}
    head, count = (0, GENESIS), 0
    for size in sizes:
        batch = [make_entry(count + position) for position in range(size)]
        count += size
        seal = make_seal(KEY, head, [(entry["id"], digest_entry(entry)) for entry in batch], START)
        entries |= {entry["id"]: (seal.number, entry) for entry in batch}
        seals.append(seal)
        head = (seal.number, seal.hash)
    return seals, entries


def find_break(seals: list[Seal], entries: dict[UUID, tuple[int, Entry]], key: bytes = KEY) -> BrokenLink | None:
    previous = (0, GENESIS)
    for seal in seals:
        named = set(seal.entry_ids)
        found = {
            entry_id: (number, digest_entry(entry))
            for entry_id, (number, entry) in entries.items()
            if entry_id in named or number == seal.number
        }
        broken = check_link(key, previous, seal) or check_entries(seal, found)
        if broken is not None:
            return broken
        previous = (seal.number, seal.hash)
    return None


sizes = st.lists(st.integers(1, 4), min_size=2, max_size=5)
FIELDS = st.sampled_from(
    [
        ("tag", "bench:parcel:skipped"),
        ("at", START - timedelta(days=1)),
        ("shop_id", UUID(int=8)),
        ("actor_kind", "system"),
        ("actor_id", UUID(int=9)),
        ("subject_id", None),
        ("request_id", "r"),
        ("details", {"number": -1}),
    ]
)


@given(sizes)
def test_an_untouched_chain_is_whole_under_its_own_key_only(given_sizes: list[int]) -> None:
    seals, entries = build(given_sizes)
    assert find_break(seals, entries) is None
    assert find_break(seals, entries, b"x" * 32) == BrokenLink(1, Break.SEAL_CHANGED)


@given(sizes, st.data(), FIELDS)
def test_a_changed_entry_is_named(given_sizes: list[int], data: st.DataObject, change: tuple[str, Any]) -> None:
    seals, entries = build(given_sizes)
    target = data.draw(st.sampled_from(sorted(entries)))
    number, entry = entries[target]
    entries[target] = (number, entry | {change[0]: change[1]})
    broken = find_break(seals, entries)
    assert broken is not None
    assert (broken.seal_number, broken.kind, broken.entry_id) == (number, Break.ENTRY_CHANGED, target)


@given(sizes, st.data())
def test_a_deleted_entry_is_named(given_sizes: list[int], data: st.DataObject) -> None:
    seals, entries = build(given_sizes)
    target = data.draw(st.sampled_from(sorted(entries)))
    number, _ = entries.pop(target)
    broken = find_break(seals, entries)
    assert broken is not None
    assert (broken.seal_number, broken.kind, broken.entry_id) == (number, Break.ENTRY_DELETED, target)


@given(sizes, st.data())
def test_an_entry_slipped_into_a_sealed_batch_is_named(given_sizes: list[int], data: st.DataObject) -> None:
    seals, entries = build(given_sizes)
    number = data.draw(st.integers(1, len(seals)))
    stranger = make_entry(500)
    entries[stranger["id"]] = (number, stranger)
    assert find_break(seals, entries) == BrokenLink(number, Break.ENTRY_INSERTED, stranger["id"])


@given(sizes, st.data())
def test_two_entries_that_change_places_are_noticed(given_sizes: list[int], data: st.DataObject) -> None:
    seals, entries = build(given_sizes)
    one, other = data.draw(st.lists(st.sampled_from(sorted(entries)), min_size=2, max_size=2, unique=True))
    (first, entry), (second, another) = entries[one], entries[other]
    entries[one], entries[other] = (first, another | {"id": one}), (second, entry | {"id": other})
    broken = find_break(seals, entries)
    assert broken is not None
    assert (broken.seal_number, broken.kind) == (min(first, second), Break.ENTRY_CHANGED)


@given(sizes, st.data())
def test_a_reordered_removed_or_rewritten_seal_is_named(given_sizes: list[int], data: st.DataObject) -> None:
    seals, entries = build(given_sizes)
    at = data.draw(st.integers(0, len(seals) - 2))
    number = seals[at].number

    swapped = [*seals[:at], seals[at + 1], seals[at], *seals[at + 2 :]]
    assert find_break(swapped, entries) == BrokenLink(number, Break.SEAL_MISSING)

    removed = [*seals[:at], *seals[at + 1 :]]
    assert find_break(removed, entries) == BrokenLink(number, Break.SEAL_MISSING)

    backwards = replace(seals[at], entry_ids=list(reversed(seals[at].entry_ids)), sealed_at=START + timedelta(days=1))
    assert find_break([*seals[:at], backwards, *seals[at + 1 :]], entries) == BrokenLink(number, Break.SEAL_CHANGED)


@given(sizes, st.data())
def test_a_batch_rewritten_with_a_matching_seal_breaks_the_next_link(
    given_sizes: list[int], data: st.DataObject
) -> None:
    """Even who holds the key cannot rewrite one batch alone."""
    seals, entries = build(given_sizes)
    at = data.draw(st.integers(0, len(seals) - 2))
    forged = make_seal(KEY, (at, seals[at].previous_hash), [(UUID(int=9999), b"d" * 32)], START)
    assert check_link(KEY, (forged.number, forged.hash), seals[at + 1]) == BrokenLink(at + 2, Break.SEAL_UNLINKED)
    assert entries
