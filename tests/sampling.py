"""Well-formed requests for any route, made from what the route declares; ids in them are those of given rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, params
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter

SOME_ID = "01990000-0000-7000-8000-000000000000"
_BY_FORMAT = {
    "date-time": "2026-11-19T10:00:00+09:00",
    "date": "2026-11-19",
    "time": "10:00:00",
    "email": "hanako@example.jp",
}
Ids = Mapping[str, str]
Schema = Mapping[str, Any]


@dataclass
class Sample:
    """What to send to a route: the arguments of the client's `request`."""

    path: str
    json: Any = None
    data: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        given = {"json": self.json, "data": self.data, "files": self.files, "params": self.query}
        return {name: value for name, value in given.items() if value}


def fill_path(path: str, ids: Ids) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: ids.get(match[1], SOME_ID), path)


def sample_routes(app: FastAPI, ids: Ids) -> dict[Any, Sample]:
    """Return endpoint → sample for every route of the application."""
    return {
        context.endpoint: _sample(context, ids)
        for context in iter_route_contexts(app.routes)
        if context.endpoint is not None
    }


def _sample(context: Any, ids: Ids) -> Sample:
    sample = Sample(fill_path(context.path or "", ids))
    dependant = getattr(context, "dependant", None)
    for parameter in dependant.body_params if dependant else ():
        info = parameter.field_info
        if isinstance(info, params.File) or "UploadFile" in str(info.annotation):
            sample.files[parameter.alias] = ("sample.csv", "名前\n".encode())
        elif isinstance(info, params.Form):
            sample.data[parameter.alias] = _text(info.annotation, parameter.alias, ids)
        else:
            sample.json = _value(TypeAdapter(info.annotation).json_schema(), parameter.alias, ids)
    for parameter in dependant.query_params if dependant else ():
        if parameter.field_info.is_required():
            sample.query[parameter.alias] = _text(parameter.field_info.annotation, parameter.alias, ids)
    return sample


def _text(annotation: Any, name: str, ids: Ids) -> str:
    return str(_value(TypeAdapter(annotation).json_schema(), name, ids))


def _value(schema: Schema, name: str, ids: Ids, root: Schema | None = None) -> Any:
    root = root or schema
    if "$ref" in schema:
        return _value(root["$defs"][schema["$ref"].rpartition("/")[2]], name, ids, root)
    if "anyOf" in schema:
        return _value(next(each for each in schema["anyOf"] if each.get("type") != "null"), name, ids, root)
    for fixed in ("const", "default"):
        if schema.get(fixed) is not None and not name.endswith(("_id", "_ids")):
            return schema[fixed]
    if "enum" in schema:
        return schema["enum"][0]
    return _typed(schema, name, ids, root)


def _typed(schema: Schema, name: str, ids: Ids, root: Schema) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {key: _value(each, key, ids, root) for key, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [_value(schema.get("items", {}), name.removesuffix("s"), ids, root)]
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return True
    if schema.get("format") == "uuid":
        return ids.get(name, SOME_ID)
    return _BY_FORMAT.get(schema.get("format", ""), ("sample " * 3)[: schema.get("maxLength", 12)])
