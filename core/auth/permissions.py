"""What each route demands of its caller. A route that says nothing is refused when the application is built."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from core.auth.roles import Role


class UndeclaredRouteError(Exception):
    """A mistake of ours, found when the application is built."""


@dataclass(frozen=True)
class Demand:
    """One declaration on a route: some roles, or public with a reason, or only that the caller must be known."""

    roles: frozenset[Role] = frozenset()
    public_reason: str | None = None


KNOWN_CALLER = Demand()


@dataclass(frozen=True)
class Permission:
    """What a route demands in all. `roles` is empty when it is public."""

    path: str
    methods: frozenset[str]
    roles: frozenset[Role]
    public_reason: str | None
    endpoint: Callable[..., Any]


_MARK = "__soegaki_demand__"
# Built files, the same for everybody. Any other mount is refused: it would hide its routes from the check.
OPEN_MOUNTS = frozenset({"/static"})


def mark(dependency: Callable[..., Any], demand: Demand) -> Callable[..., Any]:
    setattr(dependency, _MARK, demand)
    return dependency


def public(reason: str) -> Any:
    """Declare that anybody may call this route, and why."""

    async def let_in() -> None:
        return None

    return Depends(mark(let_in, Demand(public_reason=reason)))


def mark_public(endpoint: Any, reason: str) -> Any:
    """Declare an ASGI application that is a route's endpoint as public, and why."""
    setattr(endpoint, _MARK, Demand(public_reason=reason))
    return endpoint


def list_permissions(app: FastAPI) -> list[Permission]:
    """Return the permission of every route; raises UndeclaredRouteError naming the first that declares none."""
    return [_read_permission(context) for context in iter_route_contexts(app.routes) if context.path not in OPEN_MOUNTS]


def _read_permission(context: Any) -> Permission:
    dependant = getattr(context, "dependant", None)
    demands = list(_demands(dependant)) if dependant is not None else _own_demand(context.endpoint)
    name = f"{sorted(getattr(context, 'methods', None) or [])} {context.path}"
    if not demands:
        raise UndeclaredRouteError(f"{name} does not say who may call it: add require(Role.…) or public(reason).")
    reasons = [demand.public_reason for demand in demands if demand.public_reason]
    if reasons and len(demands) > 1:
        raise UndeclaredRouteError(f"{name} is public but wants roles or a session of the caller's shops.")
    demands = [demand for demand in demands if demand != KNOWN_CALLER]
    if not demands:
        raise UndeclaredRouteError(f"{name} does not say which roles may call it: add require(Role.…).")
    roles: frozenset[Role] = frozenset() if reasons else frozenset.intersection(*[demand.roles for demand in demands])
    if not reasons and not roles:
        raise UndeclaredRouteError(f"{name} demands roles of which nobody can hold both.")
    return Permission(
        context.path, frozenset(context.methods or []), roles, reasons[0] if reasons else None, context.endpoint
    )


def _own_demand(endpoint: Any) -> list[Demand]:
    """Return what a route without dependencies (an ASGI application of our own) was marked with."""
    demand = getattr(endpoint, _MARK, None)
    return [demand] if demand is not None else []


def _demands(dependant: Dependant) -> Iterator[Demand]:
    """Yield the declarations found in the tree of dependencies, each once."""
    seen: set[int] = set()
    waiting = [dependant]
    while waiting:
        current = waiting.pop()
        demand = getattr(current.call, _MARK, None)
        if demand is not None and id(current.call) not in seen:
            seen.add(id(current.call))
            yield demand
        waiting.extend(current.dependencies)


def declare_permissions(app: FastAPI) -> None:
    """Check every route and keep what it demands, by its endpoint, where the dependencies find it."""
    declared: dict[Any, Permission] = {}
    for permission in list_permissions(app):
        known = declared.setdefault(permission.endpoint, permission)
        if (known.roles, known.public_reason) != (permission.roles, permission.public_reason):
            raise UndeclaredRouteError(f"{permission.path} and {known.path} share an endpoint but not their roles.")
    app.state.permissions = declared
