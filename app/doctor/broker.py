"""The broker: does it answer, and does it keep what it was given."""

from redis import Redis
from redis.exceptions import RedisError

from app.console import choose
from app.doctor.findings import Finding, bad, good, note
from core.settings import Settings


def check_broker(settings: Settings) -> Finding:
    url = settings.redis_url.get_secret_value() if settings.redis_url else ""
    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            version = client.info("server").get("redis_version", "?")
            return _check_memory_policy(client, str(version))
    except (RedisError, ValueError) as error:
        advice = choose(
            "SOEGAKI_REDIS_URL を確かめてください。未設定なら logs フォルダーの valkey.log に理由があります。",
            "Check SOEGAKI_REDIS_URL; if it is not set, valkey.log in the logs folder says why.",
        )
        return bad("broker", choose("応答がありません: ", "It does not answer: ") + type(error).__name__, advice)


def _check_memory_policy(client: "Redis", version: str) -> Finding:
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except RedisError:
        # A hosted server may not say.
        return good("broker", version)
    if policy != "noeviction":
        advice = choose("maxmemory-policy を noeviction にしてください。", "Set maxmemory-policy to noeviction.")
        return note("broker", choose(f"満杯になると {policy}", f"{policy} when it is full"), advice)
    return good("broker", version)
