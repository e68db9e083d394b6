"""One parcel in the making: rules propose to it in priority order, it accepts or notes why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import UUID

from crm_link.kinds import CareKind
from personalization.facts.question import Audience
from personalization.insert_info import InsertInfo
from personalization.models import InsertKind, WhenOut
from personalization.plan import ActionKind, Chosen, Lost, Plan, Reason, Texts
from personalization.requests import GivenAgain, Part
from personalization.resolver.batch import Batch
from personalization.resolver.enclosing import (
    Load,
    Obstacle,
    Selection,
    Surroundings,
    find_letter_obstacle,
    select_insert,
)
from personalization.resolver.granting import find_coupon_obstacle, recommend, take_coupon
from personalization.resolver.ledger import LimitKey
from personalization.resolver.limiting import make_limit_obstacle
from personalization.resolver.parts import find_left_out
from personalization.resolver.wording import speak
from personalization.rulesets.catalogue import Catalogue
from personalization.rulesets.ruleset import Action, BoxLimits, Rule

BOUNDLESS = BoxLimits()
SYSTEM_CARE = "system:care"
SYSTEM_STOCK = "system:stock"
SYSTEM_OWED = "system:owed"
SYSTEM_AGAIN = "system:again"

HOLD_FOR_CARE: dict[str, Texts] = {
    CareKind.DO_NOT_SEND: {"ja": "注意フラグ: 発送しない", "en": "Care flag: do not send"},
    CareKind.CHECK_BY_HAND: {"ja": "注意フラグ: 担当者の確認が必要", "en": "Care flag: to be checked by a person"},
}


@dataclass(frozen=True, slots=True)
class OwedInsert:
    """A promise of an earlier parcel of this customer that is still to be kept."""

    allotment_id: UUID
    insert_key: str
    quantity: int


@dataclass(frozen=True, slots=True)
class BackOrder:
    """What this parcel could not hold and the next one shall."""

    rule_key: str
    insert_key: str
    quantity: int


@dataclass(slots=True)
class Parcel:
    """`row` is the parcel's row in the batch. Nothing outside changes but through the ledger."""

    batch: Batch
    row: int
    around: Surroundings
    catalogue: Catalogue
    fired: list[Chosen] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    back_orders: list[BackOrder] = field(default_factory=list)
    load: Load = field(default_factory=Load)
    uses: list[str] = field(default_factory=list)  # limited rules that acted
    groups: dict[str, str] = field(default_factory=dict)
    takers: dict[tuple[str, str], str] = field(default_factory=dict)  # (choice, of what) → rule that took it
    is_special: bool = field(init=False)  # no whole order, or somebody's care flags or allergies count
    is_limited: bool = field(init=False)  # not everything may go in

    def __post_init__(self) -> None:
        around = self.around
        self.is_limited = around.box != BOUNDLESS
        self.is_special = around.request.part is not Part.WHOLE or bool(around.care) or bool(around.allergies)

    @property
    def plan(self) -> Plan:
        return Plan(tuple(self.fired), tuple(self.lost))

    def hold_for_care(self) -> None:
        """Care flags that stop the whole parcel."""
        for flag, words in HOLD_FOR_CARE.items():
            if flag in self.around.care:
                self.fired.append(Chosen(rule_key=SYSTEM_CARE, action=0, kind=ActionKind.HOLD, text=words))

    def keep_promise(self, owed: OwedInsert) -> None:
        """Put in what an earlier parcel owes, if it can be; otherwise it stays owed."""
        found = select_insert(owed.insert_key, owed.quantity, self.load, self.around, None, limited=False)
        if isinstance(found, Obstacle) or found.insert.key in self.load.quantities:
            return
        self._put(SYSTEM_OWED, 0, ActionKind.ENCLOSE, found, owed.quantity, owed.allotment_id)

    def give_again(self, given: GivenAgain) -> None:
        """Put in what a person chose to send once more; what cannot go in holds the parcel."""
        person = self.around.request.customer_id
        found = select_insert(given.insert_key, given.quantity, self.load, self.around, person, limited=False)
        insert = self.around.inserts.get(given.insert_key)
        if isinstance(found, Obstacle):
            self.lost.append(Lost(rule_key=SYSTEM_AGAIN, action=0, reason=found.reason, details=found.details))
            ja, en = (insert.name_ja, insert.name_en) if insert else (given.insert_key, given.insert_key)
            words = {"ja": f"再送の「{ja}」を入れられません", "en": f"“{en}”, to be sent again, cannot be enclosed"}
            self.fired.append(Chosen(rule_key=SYSTEM_AGAIN, action=0, kind=ActionKind.HOLD, text=words))
            return
        kind = ActionKind.TASK if found.insert.kind is InsertKind.TASK else ActionKind.ENCLOSE
        self._put(SYSTEM_AGAIN, 0, kind, found, given.quantity)

    def propose(self, rule: Rule) -> None:
        """Let the rule act: whole as far as its inserts go, or not at all."""
        if self.is_kept_out(rule):
            return
        lost, before = len(self.lost), len(self.fired)
        chosen = self._select_inserts(rule)
        if chosen is None or not self._may_grant_coupons(rule):
            return
        # Asked for and in the box already: the rule acts, though it adds nothing.
        satisfied = any(entry.reason is Reason.ALREADY_ENCLOSED for entry in self.lost[lost:])
        for index, action, selection in chosen:
            self._put(rule.key, index, action.kind, selection, action.quantity)
        for index, action in rule.choices:
            if not self._is_left_out(rule, index, action):
                self._choose(rule, index, action)
        if len(self.fired) > before or satisfied:
            self.record_use(rule, before)

    def is_kept_out(self, rule: Rule) -> bool:
        """Whether its limits or its group stop the rule as a whole."""
        if rule.limits and (obstacle := self.find_limit(rule)) is not None:
            self._lose(rule, None, obstacle)
            return True
        if rule.group is not None and rule.group in self.groups:
            self.lost.append(_lose_group(rule.key, rule.group, self.groups[rule.group]))
            return True
        return False

    def _is_left_out(self, rule: Rule, index: int, action: Action) -> bool:
        """Whether the action is none for this box, because it is a further one of its order or sent again."""
        reason = find_left_out(self.around.request, rule, action)
        if reason is not None:
            self._lose(rule, index, Obstacle(reason))
        return reason is not None

    def _lose(self, rule: Rule, action: int | None, obstacle: Obstacle) -> None:
        self.lost.append(Lost(rule_key=rule.key, action=action, reason=obstacle.reason, details=obstacle.details))

    def find_person(self, rule: Rule) -> UUID | None:
        request = self.around.request
        return request.customer_id if rule.audience is Audience.BUYER else request.recipient_customer_id

    def find_limit(self, rule: Rule) -> Obstacle | None:
        for limit in rule.limits:
            key = LimitKey(
                f"rule:{rule.key}", self.find_person(rule) if limit.per_customer else None, limit.within_days
            )
            count = self.around.ledger.count(key, self.around.request)
            if count >= limit.count:
                return make_limit_obstacle(limit, count)
        return None

    def _select_inserts(self, rule: Rule) -> list[tuple[int, Action, Selection]] | None:
        """Return what goes in; None when the rule lost because one of its inserts cannot."""
        # Until all are known to go in, nothing is put in.
        draft = self.load.copy() if len(rule.physical) > 1 else self.load
        chosen: list[tuple[int, Action, Selection]] = []
        repeated: list[tuple[int, Action]] = []
        for index, action in rule.physical:
            key = action.insert_key or ""
            if self._is_left_out(rule, index, action):
                continue
            if key in draft.quantities:
                repeated.append((index, action))
                continue
            found = select_insert(key, action.quantity, draft, self.around, self.find_person(rule))
            if isinstance(found, Obstacle):
                self.give_up(rule, index, action, found)
                return None
            if draft is not self.load:
                draft.add(found.insert, action.quantity)
            chosen.append((index, action, found))
        for index, action in repeated:
            self._lose(rule, index, Obstacle(Reason.ALREADY_ENCLOSED, {"insert": action.insert_key}))
        return chosen

    def _may_grant_coupons(self, rule: Rule) -> bool:
        """False when the rule lost because a series has no code left."""
        if self.around.request.part is not Part.WHOLE:
            return True  # Codes go with the first box.
        for index, action in rule.coupons:
            grant = find_coupon_obstacle(action, self.around, self.takers.get(get_choice(action)))
            if grant is not None and grant.is_fatal:
                self._lose(rule, index, grant.obstacle)
                return False
        return True

    def give_up(self, rule: Rule, index: int, action: Action, obstacle: Obstacle) -> None:
        """Note what stopped the rule, and what its insert's policy asks for when there is none left."""
        if obstacle.reason is not Reason.OUT_OF_STOCK:
            self._lose(rule, index, obstacle)
            return
        insert_key, available, when_out = (obstacle.details[name] for name in ("insert", "available", "when_out"))
        reason = Reason.OUT_OF_STOCK
        if when_out == WhenOut.BACK_ORDER and self.find_person(rule) is not None:
            self.back_orders.append(owe(rule.key, insert_key, action.quantity))
            reason = Reason.BACK_ORDERED
        self.lost.append(_lose_shortage(rule.key, index, reason, insert_key, available, when_out))
        if when_out == WhenOut.HOLD:
            self.fired.append(hold_for_stock(self.around.inserts[insert_key]))

    def _put(
        self,
        rule_key: str,
        index: int,
        kind: ActionKind,
        selection: Selection,
        quantity: int,
        owed_allotment_id: UUID | None = None,
    ) -> None:
        insert = selection.insert
        chosen = make_enclosure(rule_key, index, kind, insert.key, quantity, selection.substitute_for)
        if owed_allotment_id is not None:
            chosen = replace(chosen, owed_allotment_id=owed_allotment_id)
        self.put_all(insert, quantity, [chosen])

    def put_all(self, insert: InsertInfo, quantity: int, chosen: Sequence[Chosen]) -> None:
        """Put an insert in that fits and is there, with everything else that its rule chose."""
        self.load.add(insert, quantity)
        if insert.stocked:
            self.around.ledger.take(insert.key, quantity, self.around.request)
        self.fired.extend(chosen)

    def record_use(self, rule: Rule, before: int) -> None:
        """Count what the rule took: `fired` from `before` on is its own."""
        if rule.group is not None:
            self.groups[rule.group] = rule.key
        ledger, request = self.around.ledger, self.around.request
        if request.part is not Part.WHOLE:
            return  # Counted with the first box, or when it was sent first.
        if rule.limits:
            self.uses.append(rule.key)
            ledger.use(rule.subject, self.find_person(rule), request)
        for chosen in self.fired[before:]:
            insert = None if chosen.insert_key is None else self.around.inserts.get(chosen.insert_key)
            if insert is not None and insert.limit_per_customer is not None:
                ledger.use(f"insert:{insert.key}", self.find_person(rule), request)

    def _choose(self, rule: Rule, index: int, action: Action) -> None:
        obstacle = self._find_taker(action) or self._find_written_obstacle(action)
        if obstacle is not None:
            self._lose(rule, index, obstacle)
        elif action.kind is ActionKind.COUPON:
            self._take_choice(rule, action)
            self.fired.append(take_coupon(rule, index, action, self.around))
        elif action.kind is ActionKind.RECOMMEND:
            self._recommend(rule, index, action)
        else:
            self._speak(rule, index, action)

    def _recommend(self, rule: Rule, index: int, action: Action) -> None:
        found = recommend(rule, index, action, self.around)
        if isinstance(found, Obstacle):
            self._lose(rule, index, found)
            return
        self._take_choice(rule, action)
        self.fired.append(found)

    def _speak(self, rule: Rule, index: int, action: Action) -> None:
        chosen = speak(rule, index, action, self.batch.columns, self.row)
        if chosen is None:
            self._lose(rule, index, Obstacle(Reason.FACT_UNKNOWN))
            return
        self._take_choice(rule, action)
        self.fired.append(chosen)

    def _find_taker(self, action: Action) -> Obstacle | None:
        by = self.takers.get(get_choice(action))
        if action.kind is ActionKind.COUPON:
            grant = find_coupon_obstacle(action, self.around, by)
            return None if grant is None else grant.obstacle
        reason = TAKEN.get(action.kind)
        return None if reason is None or by is None else Obstacle(reason, {"by": by, "slot": action.slot})

    def _take_choice(self, rule: Rule, action: Action) -> None:
        self.takers.setdefault(get_choice(action), rule.key)

    def _find_written_obstacle(self, action: Action) -> Obstacle | None:
        if action.kind is ActionKind.LETTER and CareKind.NO_LETTERS in self.around.care:
            return Obstacle(Reason.CARE_FLAG, {"flag": str(CareKind.NO_LETTERS)})
        template = self.catalogue.templates.get(action.template or "")
        if template is None:
            return None
        return find_letter_obstacle(template.key, template.letter_class, template.sealed, self.around.service)


@lru_cache(maxsize=65536)
def _lose_group(rule_key: str, group: str, by: str) -> Lost:
    return Lost(rule_key=rule_key, action=None, reason=Reason.GROUP_TAKEN, details={"group": group, "by": by})


@lru_cache(maxsize=65536)
def lose_repeated(rule_key: str, insert_key: str) -> Lost:
    return Lost(rule_key=rule_key, action=0, reason=Reason.ALREADY_ENCLOSED, details={"insert": insert_key})


@lru_cache(maxsize=65536)
def _lose_shortage(rule_key: str, action: int, reason: Reason, insert_key: str, available: int, when_out: str) -> Lost:
    details = {"insert": insert_key, "available": available, "when_out": when_out}
    return Lost(rule_key=rule_key, action=action, reason=reason, details=details)


def hold_for_stock(insert: InsertInfo) -> Chosen:
    """Return what holds a parcel whose insert is to be waited for."""
    words = {"ja": f"「{insert.name_ja}」の在庫切れ", "en": f"“{insert.name_en}” is out of stock"}
    return Chosen(rule_key=SYSTEM_STOCK, action=0, kind=ActionKind.HOLD, text=words)


@lru_cache(maxsize=65536)
def owe(rule_key: str, insert_key: str, quantity: int) -> BackOrder:
    return BackOrder(rule_key, insert_key, quantity)


@lru_cache(maxsize=65536)
def make_enclosure(
    rule_key: str, index: int, kind: ActionKind, insert_key: str, quantity: int, substitute_for: str | None
) -> Chosen:
    """Return the value that many parcels share: thousands get the same insert by the same rule."""
    return Chosen(
        rule_key=rule_key,
        action=index,
        kind=kind,
        insert_key=insert_key,
        quantity=quantity,
        substitute_for=substitute_for,
    )


TAKEN: Mapping[ActionKind, Reason] = {
    ActionKind.LETTER: Reason.LETTER_TAKEN,
    ActionKind.SLIP: Reason.SLIP_TAKEN,
    ActionKind.MESSAGE: Reason.SLOT_TAKEN,
    ActionKind.PRIORITY: Reason.PRIORITY_TAKEN,
    ActionKind.RECOMMEND: Reason.SLOT_TAKEN,
}


def get_choice(action: Action) -> tuple[str, str]:
    """Return what of the parcel the action takes for itself: products and a message may not share a slot."""
    kind = ActionKind.MESSAGE if action.kind is ActionKind.RECOMMEND else action.kind
    return kind, action.slot or ""
