"""Is the process alive, and can it work: for load balancers and for `soegaki doctor`."""

from fastapi import APIRouter, Response
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.db import system_scope
from core.settings import get_settings
from core.web import public

router = APIRouter(include_in_schema=False, dependencies=[public("health of the process, no data")])


@router.get("/healthz")
async def is_alive() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
def is_ready(response: Response) -> dict[str, str]:
    """Answer 503 while the database or the broker does not."""
    found = {"database": check_database(), "broker": check_broker()}
    if "unreachable" in found.values():
        response.status_code = 503
    return found


def check_database() -> str:
    try:
        with system_scope() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "unreachable"
    return "ready"


def check_broker() -> str:
    url = get_settings().redis_url
    if url is None:
        return "not configured"
    try:
        with Redis.from_url(url.get_secret_value(), socket_timeout=2, socket_connect_timeout=2) as broker:
            broker.ping()
    except RedisError:
        return "unreachable"
    return "ready"
