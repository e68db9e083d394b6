"""The Internet Printing Protocol on the wire (RFC 8010): attributes to bytes and back. No network here."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

VERSION: Final = b"\x02\x00"


class Operation(IntEnum):
    """RFC 8011, 5.4.15."""

    PRINT_JOB = 0x02
    CREATE_JOB = 0x05
    SEND_DOCUMENT = 0x06
    CANCEL_JOB = 0x08
    GET_JOB_ATTRIBUTES = 0x09
    GET_JOBS = 0x0A
    GET_PRINTER_ATTRIBUTES = 0x0B


class Group(IntEnum):
    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """RFC 8010, 3.5.2: the kinds of values we write; others are read as bytes."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    COLLECTION_END = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49
    MEMBER_NAME = 0x4A


_LAST_DELIMITER = 0x0F
_NUMBERS: Final = (Tag.INTEGER, Tag.ENUM)
_FIRST_TEXT, _LAST_TEXT = 0x40, 0x4F
_NAME_LENGTH = 1023
NOT_FOUND: Final = 0x0406
FIRST_FAILURE: Final = 0x0100


class Attribute(NamedTuple):
    """`value` is a value or several; of a collection, its member attributes."""

    tag: Tag
    name: str
    value: Any


class MalformedMessageError(ValueError):
    """What was received is no IPP message."""


@dataclass(frozen=True)
class Message:
    """What came back. `groups`: (kind of group, name → values) in their order."""

    status: int
    request_id: int
    groups: tuple[tuple[int, Mapping[str, Sequence[Any]]], ...]

    @property
    def succeeded(self) -> bool:
        return self.status < FIRST_FAILURE

    def list_groups(self, kind: Group) -> list[Mapping[str, Sequence[Any]]]:
        return [attributes for group, attributes in self.groups if group == kind]

    def find(self, kind: Group, name: str) -> Sequence[Any]:
        """Return the values of an attribute; none when it is absent."""
        return next((group[name] for group in self.list_groups(kind) if name in group), ())


def encode_request(operation: Operation, request_id: int, groups: Iterable[tuple[Group, Sequence[Attribute]]]) -> bytes:
    """Return a request as it precedes the document's data."""
    parts = [VERSION, struct.pack(">Hi", operation, request_id)]
    for kind, attributes in groups:
        if attributes:
            parts.append(bytes([kind]))
            parts += [_encode(attribute) for attribute in attributes]
    return b"".join([*parts, bytes([Group.END])])


def _encode(attribute: Attribute) -> bytes:
    tag, name, value = attribute
    if tag is Tag.COLLECTION:
        return _encode_collection(name, value)
    values = value if isinstance(value, list | tuple) else [value]
    # Further values of an attribute have no name.
    return b"".join(_frame(tag, name if place == 0 else "", _pack(tag, each)) for place, each in enumerate(values))


def _encode_collection(name: str, members: Sequence[Attribute]) -> bytes:
    parts = [_frame(Tag.COLLECTION, name, b"")]
    for member in members:
        parts += [_frame(Tag.MEMBER_NAME, "", member.name.encode()), _encode(member._replace(name=""))]
    return b"".join([*parts, _frame(Tag.COLLECTION_END, "", b"")])


def _frame(tag: Tag, name: str, value: bytes) -> bytes:
    encoded = name.encode()
    return struct.pack(">BH", tag, len(encoded)) + encoded + struct.pack(">H", len(value)) + value


def _pack(tag: Tag, value: Any) -> bytes:
    if tag in _NUMBERS:
        return struct.pack(">i", value)
    if tag is Tag.BOOLEAN:
        return b"\x01" if value else b"\x00"
    return str(value).encode()[:_NAME_LENGTH]


def decode_message(data: bytes) -> Message:
    """Read a message; raises MalformedMessageError for bytes that are none, wherever they end."""
    try:
        status, request_id = struct.unpack_from(">Hi", data, 2)
        return Message(status, request_id, tuple(_decode_groups(data, 8)))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise MalformedMessageError("This is no IPP message.") from error


def _decode_groups(data: bytes, place: int) -> list[tuple[int, dict[str, list[Any]]]]:
    groups: list[tuple[int, dict[str, list[Any]]]] = []
    name = ""
    while data[place] != Group.END:
        if data[place] <= _LAST_DELIMITER:
            groups.append((data[place], {}))
            place += 1
            continue
        tag, own_name, raw, place = _read(data, place)
        if not groups:
            raise IndexError("An attribute stands before every group.")
        name = own_name or name
        value: Any
        value, place = _read_collection(data, place) if tag == Tag.COLLECTION else (_unpack(tag, raw), place)
        groups[-1][1].setdefault(name, []).append(value)
    return groups


def _read(data: bytes, place: int) -> tuple[int, str, bytes, int]:
    """Return tag, name and value of the attribute at a place, and where the next one begins."""
    tag, length = struct.unpack_from(">BH", data, place)
    start = place + 3 + length
    [size] = struct.unpack_from(">H", data, start)
    end = start + 2 + size
    if end > len(data):
        raise IndexError("A value reaches beyond the message.")
    return tag, data[place + 3 : start].decode(), data[start + 2 : end], end


def _read_collection(data: bytes, place: int) -> tuple[dict[str, list[Any]], int]:
    members: dict[str, list[Any]] = {}
    name = ""
    while True:
        tag, _, raw, place = _read(data, place)
        if tag == Tag.COLLECTION_END:
            return members, place
        if tag == Tag.MEMBER_NAME:
            name = raw.decode()
            continue
        value: Any
        value, place = _read_collection(data, place) if tag == Tag.COLLECTION else (_unpack(tag, raw), place)
        members.setdefault(name, []).append(value)


def _unpack(tag: int, raw: bytes) -> Any:
    if tag in _NUMBERS:
        return struct.unpack(">i", raw)[0]
    if tag == Tag.BOOLEAN:
        return raw == b"\x01"
    if tag in (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE):
        [length] = struct.unpack_from(">H", raw)
        return raw[4 + length :].decode(errors="replace")
    if _FIRST_TEXT <= tag <= _LAST_TEXT:
        return raw.decode(errors="replace")
    return raw
