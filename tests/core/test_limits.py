"""Counters that all machines share, and what happens without them."""

from collections.abc import Iterator

import pytest
from redis import Redis

from core import limits
from core.settings import get_settings
from tests.racing import run_at_once


@pytest.fixture
def valkey(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    with Redis.from_url(redis_url, decode_responses=True) as broker:
        broker.flushdb()
        monkeypatch.setenv("SOEGAKI_REDIS_URL", redis_url)
        get_settings.cache_clear()
        yield broker
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_subject_is_counted_within_its_window(valkey: Redis) -> None:
    assert [limits.count("one", 60) for _ in range(3)] == [1, 2, 3]
    assert limits.peek("one") == 3
    assert limits.count("two", 60) == 1
    assert limits.peek("three") == 0


def test_only_one_of_many_claims_a_subject(valkey: Redis) -> None:
    assert run_at_once([lambda: limits.claim("visit", 60)] * 20).count(True) == 1


def test_subjects_are_kept_as_hashes_and_forgotten(valkey: Redis) -> None:
    limits.count("192.0.2.7", 60)
    limits.claim("S1PBBBBBBBBZZ", 1800)
    keys = list(valkey.scan_iter())
    assert len(keys) == 2
    assert not any("192" in key or "S1PB" in key for key in keys)
    assert all(0 < int(str(valkey.ttl(key))) <= 1800 for key in keys)


def test_without_valkey_nothing_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (limits.count("one", 60), limits.peek("one"), limits.claim("one", 60)) == (0, 0, True)
    monkeypatch.setenv("SOEGAKI_REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    assert (limits.count("one", 60), limits.peek("one"), limits.claim("one", 60)) == (0, 0, True)
    monkeypatch.undo()
    get_settings.cache_clear()
