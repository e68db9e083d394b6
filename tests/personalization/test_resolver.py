"""What wins and what loses, and with which reason."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from orders.kinds import LetterClass
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind, WhenOut
from personalization.plan import ActionKind, Plan, Reason
from personalization.requests import BoxSpace, DecisionRequest
from personalization.resolver.ledger import MemoryLedger, Use
from personalization.resolver.parcel import OwedInsert
from personalization.resolver.resolve import Resolved, match, resolve
from tests.factories.personalization import (
    ask_recipient,
    enclose,
    make_batch,
    make_insert,
    make_ledger,
    make_request,
    make_rulebook,
    make_uuid,
    rule,
    ruleset,
)

LEAFLET = make_insert("leaflet", stocked=False)
SAMPLE = make_insert("sample", kind=InsertKind.SAMPLE)
GIFT = make_insert("gift", kind=InsertKind.GIFT, market_value=500, stocked=False)
WRAP = make_insert("wrap", kind=InsertKind.TASK, stocked=False)
LETTER = {"do": "letter", "template": "letter"}
FIRST_ORDER = {"fact": "customer.nth_order", "op": "equals", "value": 1}


def run(
    document: Mapping[str, Any],
    inserts: Sequence[InsertInfo],
    requests: Sequence[DecisionRequest] | None = None,
    facts: Sequence[Mapping[str, Any]] | None = None,
    ledger: MemoryLedger | None = None,
    owed: Mapping[int, Sequence[OwedInsert]] | None = None,
) -> list[Resolved]:
    rulebook = make_rulebook(document, inserts)
    batch = make_batch(rulebook, requests or [make_request()], facts)
    return resolve(rulebook, batch, match(rulebook, batch), ledger or make_ledger(), owed)


def enclosed(plan: Plan) -> list[tuple[str | None, int]]:
    return [(chosen.insert_key, chosen.quantity) for chosen in plan.enclosures]


def reasons(plan: Plan) -> list[tuple[str, str]]:
    return [(lost.rule_key, lost.reason.value) for lost in plan.lost]


def test_an_unknown_fact_never_fires_a_rule_or_its_opposite() -> None:
    document = ruleset(
        rule("first", enclose("leaflet"), when=FIRST_ORDER),
        rule("later", enclose("leaflet"), when={"not": FIRST_ORDER}),
    )
    [result] = run(document, [LEAFLET])
    assert result.plan == Plan()


def test_a_named_purpose_must_be_granted_and_a_denial_keeps_history_out() -> None:
    document = ruleset(
        rule("named", {"do": "tag", "tag": "a"}, purposes=["marketing"]),
        rule("history", {"do": "tag", "tag": "b"}, when=FIRST_ORDER),
        rule("advert", enclose("leaflet")),
    )
    facts: list[dict[str, Any]] = [
        {"customer.nth_order": 1},
        {"customer.nth_order": 1, "customer.purposes_granted": ["marketing"], "customer.purposes_denied": []},
        {"customer.nth_order": 1, "customer.purposes_denied": ["personalisation", "marketing"]},
    ]
    results = run(document, [LEAFLET], [make_request(f"s{i}") for i in range(3)], facts)
    assert [sorted(r.plan.tags) for r in results] == [["b"], ["a", "b"], []]
    assert reasons(results[0].plan) == [("named", "purpose_missing")]
    assert reasons(results[2].plan) == [
        ("named", "purpose_missing"),
        ("history", "purpose_denied"),
        ("advert", "purpose_denied"),
    ]


@pytest.mark.parametrize(
    ("flag", "kept"),
    [("no_samples", ["leaflet", "wrap"]), ("no_inserts", ["wrap"]), ("no_letters", ["leaflet", "sample", "wrap"])],
)
def test_care_flags_of_either_person_keep_things_out(flag: str, kept: list[str]) -> None:
    document = ruleset(
        rule("one", enclose("leaflet")),
        rule("two", enclose("sample")),
        rule("three", {"do": "task", "insert": "wrap"}),
        rule("four", LETTER),
    )
    facts = [{ask_recipient("customer.care_flags"): [flag]}]
    [result] = run(document, [LEAFLET, SAMPLE, WRAP], facts=facts, ledger=make_ledger({"sample": 9}))
    assert [key for key, _ in enclosed(result.plan)] == kept
    assert (result.plan.letter is None) == (flag == "no_letters")
    assert {lost.reason for lost in result.plan.lost} == {Reason.CARE_FLAG}


def test_an_allergy_keeps_out_only_what_contains_it() -> None:
    nuts = make_insert("nuts", stocked=False, allergens=frozenset({"nuts"}))
    document = ruleset(rule("one", enclose("nuts")), rule("two", enclose("leaflet")))
    [result] = run(document, [nuts, LEAFLET], facts=[{"customer.allergies": ["nuts", "milk"]}])
    assert enclosed(result.plan) == [("leaflet", 1)]


def test_do_not_send_holds_the_shipment_without_any_rule() -> None:
    [result] = run(
        ruleset(rule("one", enclose("leaflet"))), [LEAFLET], facts=[{"customer.care_flags": ["do_not_send"]}]
    )
    assert result.plan.hold_reasons == ({"ja": "注意フラグ: 発送しない", "en": "Care flag: do not send"},)


def test_a_gift_to_somebody_else_tells_nothing_of_the_buyer() -> None:
    document = ruleset(
        rule("careful", enclose("leaflet"), when=FIRST_ORDER),
        rule("always", enclose("wrap2"), when=FIRST_ORDER, gifts="always"),
        rule("order-only", {"do": "task", "insert": "wrap"}),
        rule("never", {"do": "tag", "tag": "x"}, gifts="never"),
        rule("internal", {"do": "tag", "tag": "first"}, when=FIRST_ORDER),
    )
    inserts = [LEAFLET, WRAP, make_insert("wrap2", stocked=False)]
    gift = make_request(is_gift=True, recipient_customer_id=make_uuid("bob"))
    [result] = run(document, inserts, [gift], [{"customer.nth_order": 1}])
    assert enclosed(result.plan) == [("wrap2", 1), ("wrap", 1)]
    assert result.plan.tags == {"first"}
    assert reasons(result.plan) == [("careful", "gift_to_other"), ("never", "gift_to_other")]


def test_a_rule_for_the_recipient_asks_about_the_recipient() -> None:
    document = ruleset(rule("welcome", enclose("leaflet"), when=FIRST_ORDER, audience="recipient"))
    gift = make_request(is_gift=True, recipient_customer_id=make_uuid("bob"))
    facts = [{"customer.nth_order@buyer": 7, "customer.nth_order@recipient": 1}]
    [result] = run(document, [LEAFLET], [gift], facts)
    assert enclosed(result.plan) == [("leaflet", 1)]


def test_limits_count_what_older_orders_and_packed_parcels_used() -> None:
    document = ruleset(rule("once", enclose("leaflet"), limits=[{"per_customer": 1, "within_days": 30}]))
    alice = make_uuid("alice")

    def decide(use: Use) -> Plan:
        return run(document, [LEAFLET], ledger=MemoryLedger(uses={("rule:once", alice): [use]}))[0].plan

    now = make_request().accepted_at
    older, younger = now - timedelta(days=29), now + timedelta(days=1)
    assert reasons(decide(Use(older, make_uuid("x"), firm=False))) == [("once", "limit_within_days")]
    assert enclosed(decide(Use(now - timedelta(days=30), make_uuid("x"), firm=True))) == [("leaflet", 1)]
    assert enclosed(decide(Use(younger, make_uuid("x"), firm=False))) == [("leaflet", 1)]
    assert reasons(decide(Use(younger, make_uuid("x"), firm=True))) == [("once", "limit_within_days")]
    assert enclosed(decide(Use(older, make_request().shipment_id, firm=False))) == [("leaflet", 1)]


def test_within_a_batch_the_oldest_orders_get_the_last_ones_whatever_their_place() -> None:
    document = ruleset(
        rule("few", enclose("leaflet"), limits=[{"overall": 2}, {"per_customer": 1}]),
        rule("stocked", enclose("sample")),
    )
    requests = [
        make_request("young", minutes=9, customer_id=make_uuid("c")),
        make_request("oldest", minutes=1, customer_id=make_uuid("a")),
        make_request("old again", minutes=2, customer_id=make_uuid("a")),
        make_request("older", minutes=3, customer_id=make_uuid("b")),
    ]
    results = run(document, [LEAFLET, SAMPLE], requests, ledger=make_ledger({"sample": 3}, {"few": 2}))
    assert [enclosed(r.plan) for r in results] == [
        [],
        [("leaflet", 1), ("sample", 1)],
        [("sample", 1)],
        [("leaflet", 1), ("sample", 1)],
    ]
    assert reasons(results[0].plan) == [("few", "limit_overall"), ("stocked", "out_of_stock")]
    assert reasons(results[2].plan) == [("few", "limit_per_customer")]


def test_the_limit_of_an_insert_holds_across_rules() -> None:
    once = make_insert("once", stocked=False, limit_per_customer=1)
    document = ruleset(
        rule("a", enclose("once"), when={"fact": "order.quantity", "op": "equals", "value": 1}),
        rule("b", enclose("once"), when={"fact": "order.quantity", "op": "equals", "value": 2}),
    )
    requests = [make_request("s1"), make_request("s2", minutes=1)]
    results = run(document, [once], requests, [{"order.quantity": 1}, {"order.quantity": 2}])
    assert enclosed(results[0].plan) == [("once", 1)]
    assert reasons(results[1].plan) == [("b", "limit_per_customer")]


def test_one_rule_of_a_group_acts_and_a_loser_does_not_block_the_group() -> None:
    document = ruleset(
        rule("a", enclose("sample"), group="g"), rule("b", enclose("leaflet"), group="g"), rule("c", LETTER, group="g")
    )
    [result] = run(document, [LEAFLET, SAMPLE])
    assert enclosed(result.plan) == [("leaflet", 1)]
    assert reasons(result.plan) == [("a", "out_of_stock"), ("c", "group_taken")]


def test_a_letter_does_not_speak_of_a_sample_that_is_not_there() -> None:
    [result] = run(ruleset(rule("both", LETTER, enclose("sample"), enclose("leaflet"))), [LEAFLET, SAMPLE])
    assert result.plan.fired == ()
    assert [(lost.action, lost.reason, lost.details["insert"]) for lost in result.plan.lost] == [
        (1, Reason.OUT_OF_STOCK, "sample")
    ]


def test_the_same_insert_is_enclosed_once_and_the_second_rule_still_acts() -> None:
    document = ruleset(rule("a", enclose("leaflet")), rule("b", enclose("leaflet"), LETTER))
    [result] = run(document, [LEAFLET])
    assert enclosed(result.plan) == [("leaflet", 1)]
    assert result.plan.letter is not None
    assert reasons(result.plan) == [("b", "already_enclosed")]


def test_the_highest_rule_takes_letter_slip_slot_and_priority() -> None:
    def message(text: str) -> dict[str, Any]:
        return {"do": "message", "slot": "message", "text": {"ja": text, "en": text}}

    top = [LETTER, {"do": "slip", "template": "gift-slip"}, message("one"), {"do": "priority", "value": 5}]
    low = [{**LETTER, "template": "birthday-letter"}, {"do": "slip", "template": "slip"}, message("two")]
    document = ruleset(
        rule("top", *top), rule("low", *low, {"do": "priority", "value": 9}, {"do": "flag", "flag": "f"})
    )
    [result] = run(document, [])
    plan = result.plan
    assert (plan.letter and plan.letter.template, plan.slip and plan.slip.template) == ("letter", "gift-slip")
    assert (plan.messages["message"]["ja"], plan.priority, set(plan.flags)) == ("one", 5, {"f"})
    assert [reason for _, reason in reasons(plan)] == ["letter_taken", "slip_taken", "slot_taken", "priority_taken"]


def test_texts_are_filled_or_the_action_is_left_out() -> None:
    words = {"ja": "{recipient_name}様 {customer.nth_order}回目 {{!}}", "en": "{customer.nth_order}"}
    document = ruleset(rule("a", {"do": "letter", "template": "letter", "slots": {"body": words}}))
    known, unknown = run(document, [], [make_request("s1"), make_request("s2")], [{"customer.nth_order": 1200}, {}])
    assert known.plan.letter is not None
    assert known.plan.letter.slots == {"body": {"ja": "{recipient_name}様 1,200回目 {{!}}", "en": "1,200"}}
    assert reasons(unknown.plan) == [("a", "fact_unknown")]


@pytest.mark.parametrize(("total", "kept"), [(999, 0), (1000, 0), (2499, 0), (2500, 1), (4999, 1), (5000, 2)])
def test_free_gifts_stay_below_the_limit_of_the_law(total: int, kept: int) -> None:
    second = make_insert("second", kind=InsertKind.GIFT, market_value=500, stocked=False)
    document = ruleset(rule("a", enclose("gift")), rule("b", enclose("second")), rule("c", enclose("sample")))
    ledger = make_ledger({"sample": 9})
    [result] = run(document, [GIFT, second, SAMPLE], facts=[{"order.goods_total": total}], ledger=ledger)
    assert len(result.plan.enclosures) == kept + 1
    assert {lost.reason for lost in result.plan.lost} <= {Reason.GIFT_VALUE}


@pytest.mark.parametrize(
    ("box", "space", "reason"),
    [
        ({"pieces": 1}, BoxSpace(), "box_pieces"),
        ({"cost": 50}, BoxSpace(), "box_cost"),
        ({"grams": 900}, BoxSpace(grams=15), "box_grams"),
        ({"millimetres": 5}, BoxSpace(millimetres=90), "box_millimetres"),
    ],
)
def test_the_box_has_limits(box: dict[str, Any], space: BoxSpace, reason: str) -> None:
    a, b = (make_insert(key, stocked=False, weight_g=10, thickness_mm=3, unit_cost=30) for key in "ab")
    document = ruleset(
        rule("one", enclose("a")), rule("two", enclose("b")), rule("wrap", {"do": "task", "insert": "wrap"}), box=box
    )
    [result] = run(document, [a, b, WRAP], [make_request(space=space)])
    assert enclosed(result.plan) == [("a", 1), ("wrap", 1)]
    assert reasons(result.plan) == [("two", reason)]


def test_out_of_stock_follows_the_policy_of_the_insert() -> None:
    second = make_insert("second", when_out=WhenOut.SUBSTITUTE, substitute_key="leaflet")
    first = make_insert("first", when_out=WhenOut.SUBSTITUTE, substitute_key="second")
    waits = make_insert("waits", when_out=WhenOut.HOLD)
    later = make_insert("later", when_out=WhenOut.BACK_ORDER)
    document = ruleset(rule("a", enclose("first")), rule("b", enclose("waits")), rule("c", enclose("later", 2)))
    [result] = run(document, [first, second, LEAFLET, waits, later])
    assert [(c.insert_key, c.substitute_for) for c in result.plan.enclosures] == [("leaflet", "first")]
    assert [texts["en"] for texts in result.plan.hold_reasons] == ["“waits” is out of stock"]
    assert reasons(result.plan) == [("b", "out_of_stock"), ("c", "back_ordered")]
    assert [(b.rule_key, b.insert_key, b.quantity) for b in result.back_orders] == [("c", "later", 2)]


def test_a_promise_is_kept_first_and_does_not_count_twice() -> None:
    owed = OwedInsert(make_uuid("promise"), "sample", 1)
    document = ruleset(rule("a", enclose("sample")))
    [result] = run(document, [SAMPLE], ledger=make_ledger({"sample": 1}), owed={0: [owed]})
    [chosen] = result.plan.enclosures
    assert (chosen.rule_key, chosen.owed_allotment_id) == ("system:owed", owed.allotment_id)
    assert reasons(result.plan) == [("a", "already_enclosed")]


def test_the_letter_law_is_asked_again_for_the_service_at_hand() -> None:
    sealed = make_insert("card", letter_class=LetterClass.CORRESPONDENCE, kind=InsertKind.LETTER, stocked=False)
    document = ruleset(rule("a", enclose("card")), rule("b", {"do": "letter", "template": "sealed-letter"}))
    requests = [make_request(f"s{i}", delivery_service=s) for i, s in enumerate(["parcel", "letter-pack", None])]
    results = run(document, [sealed], requests)
    assert [len(r.plan.fired) for r in results] == [0, 2, 0]
    assert {lost.reason for lost in results[2].plan.lost} == {Reason.LETTER_NOT_CARRIED}


def test_rules_act_only_on_orders_accepted_within_their_dates() -> None:
    document = ruleset(rule("a", {"do": "tag", "tag": "t"}, valid={"from": "2026-11-20", "until": "2026-11-20"}))
    # Midnight in Tokyo is 15:00 UTC: 12 hours after noon there.
    requests = [make_request(f"s{m}", minutes=m) for m in (719, 720, 2159, 2160)]
    assert [bool(r.plan.tags) for r in run(document, [], requests)] == [False, True, True, False]


def test_a_disabled_rule_does_nothing() -> None:
    [result] = run(ruleset(rule("a", {"do": "tag", "tag": "t"}, enabled=False)), [])
    assert result.plan.of_kind(ActionKind.TAG) == ()
