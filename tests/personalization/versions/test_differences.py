"""What changed between two documents reads as sentences, rule by rule, whatever the documents hold."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalization.conditions.explanation import ValueKind, Words
from personalization.versions.differences import Change, ChangeKind, count_changes, diff_documents
from personalization.versions.names import Names
from tests.factories.personalization import enclose, rule, ruleset

NAMES = Names(
    inserts={"leaflet": Words("季節のたより", "Seasonal leaflet")},
    templates={"thanks": Words("お礼状", "Thank-you letter")},
    slots={"body": Words("本文", "body")},
)
NTH = {"fact": "customer.nth_order", "op": "equals", "value": 1}
TOTAL = {"fact": "order.total", "op": "at_least", "value": 5000}
GIFT = {"fact": "order.is_gift", "op": "equals", "value": True}


def letter(text: str) -> dict[str, Any]:
    return {"do": "letter", "template": "thanks", "slots": {"body": {"ja": text, "en": text}}}


def tell(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(change.kind, change.rule_key, change.words.ja) for change in diff_documents(old, new, NAMES)]


def test_equal_documents_have_no_difference() -> None:
    document = ruleset(rule("a", enclose("leaflet"), when=NTH), rule("b", enclose("leaflet")))
    assert diff_documents(document, deepcopy(document)) == []
    off = deepcopy(document)
    off["rules"][0]["enabled"] = True
    assert diff_documents(document, off) == []  # what is said by default need not be said


def test_rules_added_and_removed_are_told_with_what_they_do() -> None:
    old, new = ruleset(rule("a", enclose("leaflet"))), ruleset(rule("b", enclose("leaflet"), when=NTH))
    assert tell(old, new) == [
        ("added", "b", "ルールを追加しました: 注文回数(今回を含む)が1回である のとき、同梱物「季節のたより」を入れる"),
        ("removed", "a", "ルールを削除しました"),
    ]


def test_a_changed_condition_is_told_from_and_to() -> None:
    old = ruleset(rule("a", enclose("leaflet"), when={"all": [NTH, TOTAL]}))
    new = ruleset(rule("a", enclose("leaflet"), when={"all": [NTH, {**TOTAL, "value": 8000}, GIFT]}))
    changed, added = diff_documents(old, new, NAMES)
    assert changed.words.ja == (
        "条件を 「注文金額(税込・送料込み)が5,000円以上」 から 「注文金額(税込・送料込み)が8,000円以上」 に変えました"
    )
    assert changed.words.en == (
        "condition changed from “order total is at least 5,000 yen” to “order total is at least 8,000 yen”"
    )
    assert added.words.en.startswith("condition “")
    assert added.words.en.endswith("added")


def test_a_lone_condition_that_becomes_a_group_tells_what_came() -> None:
    old, new = ruleset(rule("a", enclose("x"), when=NTH)), ruleset(rule("a", enclose("x"), when={"all": [NTH, GIFT]}))
    (change,) = diff_documents(old, new)
    assert "加えました" in change.words.ja


def test_an_all_that_becomes_an_any_is_told_as_a_whole() -> None:
    old = ruleset(rule("a", enclose("x"), when={"all": [NTH, GIFT]}))
    new = ruleset(rule("a", enclose("x"), when={"any": [NTH, GIFT]}))
    (change,) = diff_documents(old, new)
    assert " かつ " in change.words.ja
    assert " または " in change.words.ja


def test_texts_of_letters_are_told_by_the_name_of_their_slot() -> None:
    (change,) = diff_documents(ruleset(rule("a", letter("春"))), ruleset(rule("a", letter("夏"))), NAMES)
    assert change.words.ja == "「お手紙「お礼状」を選ぶ」の本文を 「春」 から 「夏」 に変えました"


def test_moving_one_rule_is_one_move() -> None:
    rules = [rule(key, enclose("leaflet")) for key in "abcdef"]
    moved = diff_documents(ruleset(*rules), ruleset(rules[4], *rules[:4], rules[5]))
    assert [(change.kind, change.rule_key, change.words.en) for change in moved] == [
        (ChangeKind.MOVED, "e", "moved up, from place 5 to 1")
    ]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("enabled", False, "使うかどうかを 使う から 使わない に変えました"),
        ("purposes", ["marketing"], "必要な同意を なし から 広告 に変えました"),
        ("limits", [{"per_customer": 1, "within_days": 90}], "お客様1人に90日間で1回まで"),
        ("group", "thanks", "排他グループを なし から thanks に変えました"),
        ("valid", {"until": "2026-12-25"}, "期間を なし から 〜2026-12-25 に変えました"),
        ("gifts", "never", "他の人へのギフトでの扱いを なし から 行わない に変えました"),
        ("surprise", 3, "surpriseを なし から 3 に変えました"),
    ],
)
def test_every_other_key_of_a_rule_is_told(option: str, value: Any, words: str) -> None:
    old = ruleset(rule("a", enclose("leaflet")))
    new = ruleset({**rule("a", enclose("leaflet")), option: value})
    (change,) = diff_documents(old, new, NAMES)
    assert words in change.words.ja


def test_the_limits_of_the_box_concern_all_rules() -> None:
    old = ruleset(rule("a", enclose("leaflet")))
    (change,) = diff_documents(old, {**old, "box": {"grams": 400}})
    assert (change.rule_key, change.words.en) == (None, "limits of one parcel changed from nothing to grams 400")


def test_changes_are_counted_by_rule() -> None:
    old = ruleset(rule("a", enclose("x"), when={"all": [NTH, TOTAL]}), rule("b", enclose("x")))
    new = ruleset(rule("a", enclose("y"), when={"all": [GIFT]}))
    assert count_changes(diff_documents(old, new)) == {"changed": 1, "removed": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "all", "fact", "order.total", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "fact", "op", "value", "do", "insert", "with"]), inner)
    ),
    max_leaves=8,
)
RULES = st.lists(
    st.dictionaries(st.sampled_from(["key", "name", "when", "then", "enabled", "limits", "valid", "box"]), JSON),
    max_size=4,
)


@settings(deadline=None)
@given(old=RULES, new=RULES)
def test_documents_with_any_mistake_are_compared(old: list[Any], new: list[Any]) -> None:
    """Drafts may hold anything: a comparison never fails, and finds nothing only where there is nothing."""
    changes = diff_documents({"rules": old}, {"rules": new})
    assert all(isinstance(change, Change) and change.words.ja and change.words.en for change in changes)
    assert diff_documents({"rules": new}, {"rules": deepcopy(new)}) == []


def test_experiments_coupons_and_flags_are_called_by_their_names() -> None:
    names = Names(
        others={
            (ValueKind.EXPERIMENT, "summer"): Words("夏の実験", "Summer test"),
            (ValueKind.ARM, "summer/card"): Words("カードを入れる", "With a card"),
            (ValueKind.SERIES, "five"): Words("500円引き", "500 yen off"),
        }
    )
    old = ruleset(rule("a", {"do": "coupon", "series": "five"}))
    new = ruleset(rule("a", {"do": "flag", "flag": "first"}, experiment={"key": "summer", "arm": "card"}))
    told = [(change.words.ja, change.words.en) for change in diff_documents(old, new, names)]
    assert told == [
        ("「帳票の目印「first」を立てる」を加えました", "“set the flag “first”” added"),
        ("「クーポン「500円引き」を発行する」をなくしました", "“issue a coupon of “500 yen off”” removed"),
        (
            "実験を なし から 「夏の実験」の案「カードを入れる」 に変えました",
            "experiment changed from nothing to arm “With a card” of “Summer test”",
        ),
    ]
