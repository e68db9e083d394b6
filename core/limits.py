"""Counters of a window and once-in-a-window, in Valkey: the same for every process and machine.

A subject (an address, a code) is kept as a keyed hash and forgotten with its window. While Valkey does not answer,
nothing is limited: what stands behind must bear that.
"""

import hashlib
import hmac
from functools import cache
from typing import Final

import structlog
from redis import Redis
from redis.exceptions import RedisError

from core.settings import get_settings

log = structlog.get_logger(__name__)
_PATIENCE_SECONDS: Final = 0.25


def keyed_hash(subject: str) -> str:
    """Return 128 bits that tell subjects apart and tell nobody which they are."""
    return hmac.new(get_settings().read_secret_key(), subject.encode(), hashlib.sha256).hexdigest()[:32]


def count(subject: str, seconds: int) -> int:
    """Count one more of this subject; return how many there were in the window of so many seconds that its first one
    opened. 0 while Valkey is away.
    """
    broker = _find_broker()
    if broker is None:
        return 0
    key = f"soegaki:limit:{keyed_hash(subject)}"
    try:
        with broker.pipeline(transaction=True) as pipeline:
            pipeline.set(key, 0, ex=seconds, nx=True)
            pipeline.incr(key)
            return int(pipeline.execute()[1])
    except RedisError as error:
        log.warning("limits.away", error=type(error).__name__)
        return 0


def peek(subject: str) -> int:
    """Return how many there were in the subject's window, without counting."""
    broker = _find_broker()
    if broker is None:
        return 0
    try:
        return int(str(broker.get(f"soegaki:limit:{keyed_hash(subject)}") or 0))
    except RedisError as error:
        log.warning("limits.away", error=type(error).__name__)
        return 0


def claim(subject: str, seconds: int) -> bool:
    """Return True for the first who claims the subject within so many seconds; True while Valkey is away."""
    broker = _find_broker()
    if broker is None:
        return True
    try:
        return bool(broker.set(f"soegaki:claim:{keyed_hash(subject)}", 1, ex=seconds, nx=True))
    except RedisError as error:
        log.warning("limits.away", error=type(error).__name__)
        return True


def _find_broker() -> Redis | None:
    setting = get_settings().redis_url
    return _connect(setting.get_secret_value()) if setting else None


@cache
def _connect(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS, decode_responses=True
    )
