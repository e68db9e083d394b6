"""One batch of decisions, step by step: facts, matches, locks, ledger, resolver, rows."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.events import publish
from core.ids import new_id, new_ids
from core.sealing import encrypt, load_ciphers, new_keys
from crm_link.keys import get_customer_keys
from personalization.contention import Contention, find_contention, get_rule_person, list_locks
from personalization.coupons.reserving import Till, Wanted, list_series_locks, read_till
from personalization.events import ShipmentsDisplaced
from personalization.experiments.arms import load_arms
from personalization.experiments.assigning import NO_ARMS
from personalization.experiments.enrolling import find_enrolled, log_assignments
from personalization.loading.loader import Loading
from personalization.locks import take_locks
from personalization.models import Decision, DecisionMode
from personalization.offering import Offers, load_offers, name_code
from personalization.placing import Places
from personalization.plan import AllottedInsert, Chosen, DecisionOutcome, Plan
from personalization.publishing import read_version
from personalization.requests import DecisionRequest
from personalization.resolver.batch import Batch, list_questions
from personalization.resolver.parcel import SYSTEM_AGAIN
from personalization.resolver.resolve import Matches, Resolved, Rulebook, match, resolve
from personalization.rulebooks import Standing, load_standing
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.ruleset import Rule, RulesetDocument
from personalization.scarcity import Scarcity, find_displaced, load_scarcity
from personalization.storage import Dossier, dump_facts, dump_plan, pack_dossier
from personalization.writing import (
    Delta,
    Taken,
    add_allotments,
    add_decisions,
    adjust_stock,
    displace,
    return_rows,
    save_snapshot,
)


@dataclass
class Deciding:
    """One call of `decide`: reads before the locks what nobody contends, after them what many do."""

    session: Session
    shop_id: UUID
    requests: Sequence[DecisionRequest]
    mode: DecisionMode
    pinned_id: UUID | None = None  # a version to decide by instead of the one in force
    places: Callable[[], Places] | None = None  # the slots of all templates, asked for when something is offered
    now: datetime = field(default_factory=clock.now)

    def run(self) -> list[DecisionOutcome]:
        rulebook, batch = self._rulebook, self._batch
        matches = match(rulebook, batch)
        contention = find_contention(rulebook, matches, self.requests)
        offers = self._load_offers(matches)
        locks = list_locks(self.shop_id, batch, contention) | list_series_locks(self.shop_id, offers.series)
        take_locks(self.session, locks)
        resolved, scarcity, till = self._resolve(matches, contention, offers)
        log_assignments(self.session, self.shop_id, find_enrolled(rulebook, batch, matches), self.now)
        return self._write(resolved, scarcity, contention, till)

    def foresee(self) -> list[Plan]:
        """Return what `run` would choose now. Nothing is locked: what others promise meanwhile may change it."""
        rulebook, batch = self._rulebook, self._batch
        matches = match(rulebook, batch)
        contention = find_contention(rulebook, matches, self.requests)
        found, _, _ = self._resolve(matches, contention, self._load_offers(matches))
        return [resolved.plan for resolved in found]

    def _load_offers(self, matches: Matches) -> Offers:
        return load_offers(self.session, self.shop_id, self._rulebook, self._batch, matches, places=self.places)

    def _resolve(
        self, matches: Matches, contention: Contention, offers: Offers
    ) -> tuple[list[Resolved], Scarcity, Till]:
        scarcity = load_scarcity(self.session, self.shop_id, self._batch, contention)
        till = self._open_till(scarcity, offers)
        ledger, owed = scarcity.ledger, scarcity.owed
        resolved = resolve(self._rulebook, self._batch, matches, ledger, owed, offers.supplies, offers.placing)
        return resolved, scarcity, till

    def _open_till(self, scarcity: Scarcity, offers: Offers) -> Till:
        shipments = [request.shipment_id for request in self.requests]
        till = read_till(self.session, self.shop_id, shipments, offers.series)
        till.put_into(scarcity.ledger, self.requests)
        return till

    @cached_property
    def _version_id(self) -> UUID | None:
        return self.pinned_id or self._standing.live_id

    @cached_property
    def _standing(self) -> Standing:
        return load_standing(self.session, self.shop_id)

    @cached_property
    def _rulebook(self) -> Rulebook:
        inserts, law = self._standing.inserts, self._standing.law
        if self._version_id is None:
            return Rulebook(RulesetDocument(), Catalogue(), inserts, law)
        return Rulebook(*read_version(self.session, self._version_id), inserts, law)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return self._standing.zone

    @cached_property
    def _batch(self) -> Batch:
        questions = list_questions(self._rulebook.document)
        columns = Loading(self.session, self.shop_id, self._zone, self.requests).load(questions)
        arms = NO_ARMS
        if self._standing.has_experiments:
            arms = load_arms(self.session, self.shop_id, self._rulebook.document, self.requests)
        return Batch(self.requests, {question: columns[question] for question in questions}, self._zone, arms)

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.key: rule for rule in self._rulebook.document.active}

    def _write(
        self, chosen: Sequence[Resolved], scarcity: Scarcity, contention: Contention, till: Till
    ) -> list[DecisionOutcome]:
        ids = new_ids(len(chosen))
        return_rows(self.session, self.shop_id, [own.id for own in scarcity.own], self.now)
        displaced = find_displaced(scarcity, contention, self._batch)
        freed = displace(self.session, self.shop_id, displaced, self.now)
        resolved = self._name_codes(chosen, till)
        taken = Taken(
            version_id=self._version_id,
            inserts_digest=save_snapshot(self.session, self.shop_id, self._rulebook.inserts, self.now),
            mode=self.mode,
            now=self.now,
        )
        add_decisions(self.session, self.shop_id, self._decision_rows(ids, resolved, scarcity), taken)
        rows = [self._allotment_rows(row, ids[row], result, scarcity) for row, result in enumerate(resolved)]
        add_allotments(self.session, self.shop_id, [allotment for listed in rows for allotment in listed])
        adjust_stock(self.session, self.shop_id, self._count_changes(rows, scarcity, freed))
        if displaced:
            shipments = tuple(sorted({entry.shipment_id for entry in displaced}))
            publish(self.session, ShipmentsDisplaced(self.shop_id, shipments))
        return [self._outcome(row, ids[row], result, rows[row]) for row, result in enumerate(resolved)]

    def _name_codes(self, resolved: Sequence[Resolved], till: Till) -> list[Resolved]:
        """Reserve a code for each coupon that was chosen, and write it into the plan."""
        wanted = []
        for row, result in enumerate(resolved):
            coupon = result.plan.coupon
            if coupon is not None and coupon.series is not None:
                wanted.append(
                    Wanted(
                        series=till.series[coupon.series],
                        shipment_id=self.requests[row].shipment_id,
                        customer_id=get_rule_person(self._rules[coupon.rule_key], self._batch, row),
                        rule_key=coupon.rule_key,
                        accepted_at=self.requests[row].accepted_at,
                        firm=self.mode is DecisionMode.FREEZE,
                        valid_until=coupon.valid_until,
                    )
                )
        codes = till.settle(wanted, self.now)
        return [
            name_code(result, codes[request.shipment_id]) if request.shipment_id in codes else result
            for request, result in zip(self.requests, resolved, strict=True)
        ]

    def _decision_rows(
        self, ids: Sequence[UUID], resolved: Sequence[Resolved], scarcity: Scarcity
    ) -> list[dict[str, Any]]:
        keys = self._find_keys()
        ciphers = load_ciphers(self.session, keys)
        facts = dump_facts(self._batch.columns)
        rows = []
        for row, (request, result) in enumerate(zip(self.requests, resolved, strict=True)):
            plan = dump_plan(result.plan)
            dossier = self._make_dossier(row, result, scarcity, facts[row])
            rows.append(
                {
                    "id": ids[row],
                    "shipment_id": request.shipment_id,
                    "customer_id": request.customer_id,
                    "recipient_customer_id": request.recipient_customer_id,
                    "moment": request.moment,
                    "accepted_at": request.accepted_at,
                    "key_id": keys[row],
                    "sealed": encrypt(ciphers[keys[row]], pack_dossier(dossier)),
                    "fired": [_summarise(chosen) for chosen in plan["fired"]],
                    "lost": plan["lost"],
                }
            )
        return rows

    def _make_dossier(self, row: int, result: Resolved, scarcity: Scarcity, facts: dict[str, Any]) -> Dossier:
        return Dossier(
            request=self.requests[row],
            zone=self._zone,
            facts=facts,
            counts=result.counts,
            stock=result.stock,
            owed=scarcity.owed.get(row, []),
            plan=result.plan,
            law=result.law,
            supplies=result.supplies,
            arms=self._batch.arms.only([self.requests[row].customer_id, self.requests[row].recipient_customer_id]),
        )

    def _find_keys(self) -> list[UUID]:
        """Return the sealing key of each request: the buyer's, or one that the shipment has for itself."""
        buyers = {request.customer_id for request in self.requests if request.customer_id is not None}
        of_buyers = get_customer_keys(self.session, self.shop_id, buyers) if buyers else {}
        without = [r.shipment_id for r in self.requests if r.customer_id is None or r.customer_id not in of_buyers]
        of_shipments: dict[UUID, UUID] = {}
        if without:
            earlier = self.session.execute(
                select(Decision.shipment_id, Decision.key_id).where(
                    Decision.shop_id == self.shop_id,
                    Decision.shipment_id.in_(without),
                    Decision.customer_id.is_(None),
                    Decision.superseded_at.is_(None),
                )
            )
            of_shipments = {row.shipment_id: row.key_id for row in earlier if row.key_id is not None}
            missing = [shipment_id for shipment_id in without if shipment_id not in of_shipments]
            of_shipments |= zip(missing, new_keys(self.session, self.shop_id, len(missing)), strict=True)
        return [
            of_buyers[r.customer_id] if r.customer_id in of_buyers else of_shipments[r.shipment_id]
            for r in self.requests
        ]

    def _allotment_rows(
        self, row: int, decision_id: UUID, result: Resolved, scarcity: Scarcity
    ) -> list[dict[str, Any]]:
        rows = []
        for chosen in result.plan.enclosures:
            person = self._find_person(chosen, row, scarcity)
            rows.append(self._allot(row, decision_id, chosen.rule_key, chosen.quantity, person, chosen))
        enclosing = {chosen.rule_key for chosen in result.plan.enclosures}
        for key in result.uses:
            if key not in enclosing:
                person = get_rule_person(self._rules[key], self._batch, row)
                rows.append(self._allot(row, decision_id, key, 1, person))
        for owed in result.back_orders:
            person = get_rule_person(self._rules[owed.rule_key], self._batch, row)
            entry = self._allot(row, decision_id, owed.rule_key, owed.quantity, person)
            insert_id = self._rulebook.inserts[owed.insert_key].id
            rows.append({**entry, "insert_id": insert_id, "state": "owed", "firm": False})
        return rows

    def _find_person(self, chosen: Chosen, row: int, scarcity: Scarcity) -> UUID | None:
        if chosen.owed_allotment_id is not None:
            return scarcity.owners[chosen.owed_allotment_id]
        if chosen.rule_key == SYSTEM_AGAIN:
            return self.requests[row].customer_id
        return get_rule_person(self._rules[chosen.rule_key], self._batch, row)

    def _allot(
        self,
        row: int,
        decision_id: UUID,
        rule_key: str,
        quantity: int,
        person: UUID | None,
        chosen: Chosen | None = None,
    ) -> dict[str, Any]:
        request = self.requests[row]
        insert_key = None if chosen is None else chosen.insert_key
        return {
            "id": new_id(),
            "shipment_id": request.shipment_id,
            "decision_id": decision_id,
            "customer_id": person,
            "rule_key": rule_key,
            "insert_id": None if insert_key is None else self._rulebook.inserts[insert_key].id,
            "warehouse_id": request.warehouse_id,
            "quantity": quantity,
            "state": "reserved",
            "firm": self.mode is DecisionMode.FREEZE,
            "accepted_at": request.accepted_at,
            "created_at": self.now,
            "root_id": request.root,
            "owed_allotment_id": None if chosen is None else chosen.owed_allotment_id,
        }

    def _count_changes(self, rows: Sequence[Sequence[dict[str, Any]]], scarcity: Scarcity, freed: Delta) -> Delta:
        changes: Delta = defaultdict(int)
        for listed in rows:
            for row in listed:
                if row["insert_id"] is not None and row["state"] == "reserved":
                    changes[row["warehouse_id"], row["insert_id"]] += row["quantity"]
        for own in scarcity.own:
            if own.insert_id is not None and own.state == "reserved":
                changes[own.warehouse_id, own.insert_id] -= own.quantity
        for place, pieces in freed.items():
            changes[place] -= pieces
        return changes

    def _outcome(
        self, row: int, decision_id: UUID, result: Resolved, rows: Sequence[dict[str, Any]]
    ) -> DecisionOutcome:
        enclosed = [entry for entry in rows if entry["insert_id"] is not None and entry["state"] == "reserved"]
        allotted = tuple(
            AllottedInsert(
                allotment_id=entry["id"],
                insert_id=entry["insert_id"],
                insert_key=chosen.insert_key or "",
                rule_key=chosen.rule_key,
                quantity=entry["quantity"],
            )
            for entry, chosen in zip(enclosed, result.plan.enclosures, strict=True)
        )
        return DecisionOutcome(
            decision_id=decision_id,
            shipment_id=self.requests[row].shipment_id,
            version_id=self._version_id,
            plan=result.plan,
            allotted=allotted,
        )


def _summarise(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what statistics need of a chosen action: its texts stay sealed."""
    return {name: value for name, value in chosen.items() if name not in ("slots", "text", "code")}
