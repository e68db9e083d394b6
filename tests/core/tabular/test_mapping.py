"""Which column means which field."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.ids import new_id
from core.tabular.errors import MappingIncompleteError
from core.tabular.importer import Column, ImportContext, Source
from core.tabular.mapping import (
    REPORT_HEADERS,
    SavedPreset,
    apply_preset,
    check_sources,
    load_sources,
    make_reader,
    normalise_header,
    propose_mapping,
    write_sources,
)
from tests.core.tabular.importing import MemoryImporter

IMPORTER = MemoryImporter()
CONTEXT = ImportContext(new_id(), new_id(), ZoneInfo("Asia/Tokyo"), "JP", "JPY", datetime(2026, 11, 19, tzinfo=UTC))


def test_headers_match_whatever_their_width_case_and_brackets() -> None:
    assert normalise_header("お名前（姓）") == normalise_header("お名前(姓) ")
    proposal = propose_mapping(IMPORTER, ["ＮＵＭＢＥＲ", "氏名", "色"])

    assert proposal.sources == {"number": Source((Column("ＮＵＭＢＥＲ"),)), "name": Source((Column("氏名"),))}
    assert (proposal.missing, proposal.unused) == ((), ("色",))


def test_a_known_layout_is_recognised_and_tells_columns_of_one_name_apart() -> None:
    headers = ["注文番号", "姓", "名", "送料", "送料"]
    proposal = propose_mapping(IMPORTER, headers)
    row, problems = make_reader(IMPORTER, headers, proposal.sources).read(2, ["1", "架空", "花子", "5", "7"], CONTEXT)

    assert proposal.preset == "shop"
    assert problems == ()
    assert row.values == {"number": "1", "name": "架空 花子", "amount": 7}


def test_what_the_shop_saved_for_the_same_headers_comes_first() -> None:
    saved = SavedPreset("mine", ["注文番号", "姓", "名"], {"number": Source((Column("名"),))}, {"a": "b"})

    proposal = propose_mapping(IMPORTER, ["注文番号", "姓", "名", *REPORT_HEADERS], [saved])

    assert (proposal.preset, proposal.options) == ("mine", {"a": "b"})


def test_a_missing_required_field_is_named() -> None:
    assert propose_mapping(IMPORTER, ["色"]).missing == ("number",)


@pytest.mark.parametrize(
    ("sources", "detail"),
    [
        ({"number": Source((Column("ない"),))}, "absent_columns"),
        ({"number": Source((Column("番号"),)), "colour": Source((Column("番号"),))}, "unknown_fields"),
        ({"name": Source((Column("番号"),))}, "missing_fields"),
        ({"number": Source((Column("番号", 2),))}, "absent_columns"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(sources: dict[str, Source], detail: str) -> None:
    with pytest.raises(MappingIncompleteError) as refused:
        check_sources(IMPORTER, ["番号"], sources)

    assert refused.value.details[detail]


def test_a_preset_that_is_not_there_is_refused() -> None:
    with pytest.raises(MappingIncompleteError):
        apply_preset(IMPORTER, ["番号"], "nowhere")


def test_a_mapping_survives_being_stored() -> None:
    sources = {"number": Source((Column("a", 2), Column("b")), "-"), "name": Source(constant="x")}

    assert load_sources(write_sources(sources)) == sources


def test_a_row_has_every_problem_at_once() -> None:
    reader = make_reader(
        IMPORTER, ["番号", "金額"], {"number": Source((Column("番号"),)), "amount": Source((Column("金額"),))}
    )
    _, problems = reader.read(2, ["", "たくさん", "more"], CONTEXT)

    assert [problem.code for problem in problems] == ["too_many_cells", "required", "not_a_number"]


def test_a_constant_fills_empty_cells() -> None:
    reader = make_reader(IMPORTER, ["番号"], {"number": Source((Column("番号"),), constant="9")})

    assert reader.read(2, [""], CONTEXT)[0].values == {"number": "9"}
