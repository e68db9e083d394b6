"""What the packer plans for one parcel."""

from random import Random

import pytest

from app.demo.packer.bench import Answer, ShownParcel, ShownUnit
from app.demo.packer.report import Report
from app.demo.packer.work import ANYWHERE, REFUSALS, Mistake, Papers, Step, Table, plan_parcel

SLIP, LETTER, LABEL, FOREIGN = (f"https://example.jp/c/{letter * 13}" for letter in "SLBF")
PARCEL = ShownParcel(
    "p1",
    "S-1-1",
    "s1",
    "ready",
    (
        ShownUnit("u1", "slip", "納品書", None, 1, frozenset({"S" * 13})),
        ShownUnit("u2", "goods", "煎茶", "TEA", 2, frozenset()),
        ShownUnit("u3", "insert", "たより", "leaflet", 1, frozenset()),
        ShownUnit("u4", "task", "包装", "wrap", 1, frozenset()),
        ShownUnit("u5", "document", "お礼状", None, 1, frozenset({"L" * 13})),
        ShownUnit("u6", "label", "送り状", None, 1, frozenset({"B" * 13})),
    ),
)
PAPERS = Papers(SLIP, (LETTER,), LABEL)
SHELF = {"TEA": "4569951110016", "leaflet": "4569951118012", "SOAP": "4569951110337"}


def plan(*mistakes: Mistake) -> list[Step]:
    return plan_parcel(PARCEL, PAPERS, Table(SHELF, [SLIP, LETTER, FOREIGN], Random(1)), frozenset(mistakes))


def test_a_careful_packer_scans_slip_things_letter_and_label_and_confirms_the_wrapping() -> None:
    texts = [step.reading.text for step in plan()]
    assert texts == [SLIP, SHELF["TEA"], SHELF["TEA"], SHELF["leaflet"], LETTER, "", LABEL]
    assert [step.reading.by_hand for step in plan() if step.reading.by_hand] == ["u4"]
    assert plan()[0].reading.parcel_id is None
    assert not any(step.mistake for step in plan())


@pytest.mark.parametrize("mistake", ANYWHERE)
def test_each_mistake_is_one_more_reading_that_must_be_refused(mistake: Mistake) -> None:
    steps = plan(mistake)
    (wrong,) = [step for step in steps if step.mistake is not None]
    assert wrong.expected == REFUSALS[mistake]
    assert [step.reading.text for step in steps if step is not wrong] == [step.reading.text for step in plan()]


def test_a_wrong_item_is_not_in_the_parcel_and_a_foreign_letter_is_not_its_own() -> None:
    (wrong,) = [step for step in plan(Mistake.WRONG_ITEM) if step.mistake]
    assert wrong.reading.text == SHELF["SOAP"]
    (foreign,) = [step for step in plan(Mistake.OTHER_PARCELS_LETTER) if step.mistake]
    assert foreign.reading.text == FOREIGN


def test_the_report_counts_refusals_only_where_they_were_right() -> None:
    steps, report = plan(Mistake.WRONG_ITEM), Report()
    answers = [Answer("wrong_item" if step.mistake else next(iter(step.expected)), "p1") for step in steps]
    report.add(steps, answers)
    assert (report.units_scanned, report.parcels_packed) == (7, 1)
    assert report.made == report.refused == {"wrong_item": 1}
    let_through = [
        Answer("accepted", "p1") if step.mistake else answer for step, answer in zip(steps, answers, strict=True)
    ]
    report.add(steps, let_through)
    assert report.refused == {"wrong_item": 1}
    assert report.made == {"wrong_item": 2}
    assert report.surprises == {"wrong_item -> accepted": 1}
