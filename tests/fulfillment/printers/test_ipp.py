"""What we write, pyipp reads; what pyipp writes, we read; what nobody wrote is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyipp.enums import IppOperation
from pyipp.parser import parse
from pyipp.serializer import encode_dict

from fulfillment.printers.ipp import (
    Attribute,
    Group,
    MalformedMessageError,
    Operation,
    Tag,
    decode_message,
    encode_request,
)

ALWAYS = [
    Attribute(Tag.CHARSET, "attributes-charset", "utf-8"),
    Attribute(Tag.LANGUAGE, "attributes-natural-language", "en"),
    Attribute(Tag.URI, "printer-uri", "ipp://192.168.1.20:631/ipp/print"),
]


def test_a_request_is_what_another_program_reads_in_it() -> None:
    job = [
        Attribute(Tag.KEYWORD, "sides", "two-sided-long-edge"),
        Attribute(Tag.INTEGER, "copies", 1),
        Attribute(Tag.BOOLEAN, "last-document", True),
        Attribute(Tag.KEYWORD, "requested-attributes", ["job-id", "job-state"]),
    ]
    name = Attribute(Tag.NAME, "job-name", "W-000001-1 発送")
    raw = encode_request(Operation.PRINT_JOB, 7, [(Group.OPERATION, [*ALWAYS, name]), (Group.JOB, job)])
    read = parse(raw + b"%PDF-1.7", contains_data=True)
    assert (read["version"], read["status-code"], read["request-id"]) == ((2, 0), 2, 7)
    assert read["operation-attributes"]["job-name"] == "W-000001-1 発送"
    assert read["jobs"] == [
        {
            "sides": "two-sided-long-edge",
            "copies": 1,
            "last-document": True,
            "requested-attributes": ["job-id", "job-state"],
        }
    ]
    assert read["data"] == b"%PDF-1.7"


def test_a_tray_is_told_in_a_collection_within_a_collection() -> None:
    size = [Attribute(Tag.INTEGER, "x-dimension", 21000), Attribute(Tag.INTEGER, "y-dimension", 29700)]
    members = [Attribute(Tag.COLLECTION, "media-size", size), Attribute(Tag.KEYWORD, "media-source", "tray-2")]
    job = [Attribute(Tag.COLLECTION, "media-col", members)]
    raw = encode_request(Operation.CREATE_JOB, 1, [(Group.OPERATION, ALWAYS), (Group.JOB, job)])
    assert parse(raw)["jobs"][0]["media-col"]["media-source"] == "tray-2"
    [told] = decode_message(raw).find(Group.JOB, "media-col")
    assert told == {"media-size": [{"x-dimension": [21000], "y-dimension": [29700]}], "media-source": ["tray-2"]}


def test_an_answer_of_another_program_is_read() -> None:
    raw = encode_dict(
        {
            "version": (2, 0),
            "operation": IppOperation.PRINT_JOB,
            "request-id": 9,
            "operation-attributes-tag": {"attributes-charset": "utf-8"},
            "job-attributes-tag": {"job-id": 42, "job-name": "発送"},
        }
    )
    message = decode_message(raw)
    assert message.request_id == 9
    assert message.find(Group.JOB, "job-id") == [42]
    assert message.find(Group.JOB, "job-name") == ["発送"]
    assert message.find(Group.PRINTER, "printer-state") == ()


@given(st.binary(max_size=200))
def test_anything_else_is_refused_and_never_more(data: bytes) -> None:
    try:
        decode_message(data)
    except MalformedMessageError:
        return


@given(st.integers(0, 120))
def test_a_message_that_is_cut_off_is_refused(length: int) -> None:
    raw = encode_request(Operation.GET_JOBS, 1, [(Group.OPERATION, ALWAYS)])
    with pytest.raises(MalformedMessageError):
        decode_message(raw[: min(length, len(raw) - 1)])
