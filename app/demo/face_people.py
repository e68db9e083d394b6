"""The face shop's customers: who they are, how they buy, what they allow and what must be minded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from app.demo.people import ODD_NAMES, UNDRAWABLE_NAME, DemoPerson, make_people
from crm_link.kinds import CareKind, ConsentState, Purpose

COUNT: Final = 300
SOURCE: Final = "crm"  # The shop's own customer records, as its CRM system calls them.
RANK_SCHEME: Final = "しずく会員"
_HABITS: Final = {"subscriber": 16, "loyal": 12, "regular": 28, "occasional": 24, "lapsed": 12, "new": 8}
_BASKETS: Final = (
    ("T-SEN-100", "T-HOJ-100"), ("T-SEN-200",), ("S-LOT-150", "S-MIL-100"), ("S-FOA-120", "S-LOT-150", "S-CRE-040"),
    ("T-GEN-B20", "T-HOJ-B15"), ("S-SER-030",), ("T-KAM-B10", "S-BAT-006"),
)  # fmt: skip
_CARE: Final = (
    (CareKind.ALLERGY, "大豆", "大豆アレルギー。試供品は成分を確認してから。"),
    (CareKind.ALLERGY, "乳", "乳アレルギー。菓子の試供品は不可。"),
    (CareKind.NO_SAMPLES, None, "試供品は不要とのこと。"),
    (CareKind.NO_LETTERS, None, "手紙は入れないでほしいとのご希望。"),
    (CareKind.CHECK_BY_HAND, None, "前回破損。責任者が梱包を確認。"),
    (CareKind.NO_INSERTS, None, "チラシ類は一切不要。"),
)


@dataclass(frozen=True)
class CareNote:
    kind: CareKind
    subject: str | None
    note: str


@dataclass(frozen=True)
class FaceCustomer:
    """`shop_ref` is the id in the web shop, `crm_ref` the one in the CRM; `cycles` counts deliveries so far."""

    person: DemoPerson
    habit: str
    rank: str
    tags: tuple[str, ...] = ()
    subscribed_skus: tuple[str, ...] = ()
    cycles: int = 0
    consents: Mapping[Purpose, ConsentState] = field(default_factory=dict)
    care: tuple[CareNote, ...] = ()
    skin_type: str = "普通肌"

    @property
    def shop_ref(self) -> str:
        return str(6_100_000_000_000 + self.person.number)

    @property
    def crm_ref(self) -> str:
        return f"C{self.person.number:05d}"


def make_customers(*, seed: int, today: date, count: int = COUNT) -> list[FaceCustomer]:
    """Return the shop's customers; the first bear odd names, the last but one a name no font of ours can draw."""
    people = make_people(seed, count, mail_prefix="shizuku", born_before=today, odd_names=ODD_NAMES)
    random = Random(seed + 1)
    habits = random.choices(list(_HABITS), weights=list(_HABITS.values()), k=count)
    customers = [_make_customer(random, person, habit) for person, habit in zip(people, habits, strict=True)]
    customers[-2] = _rename(customers[-2])
    return customers


def _rename(customer: FaceCustomer) -> FaceCustomer:
    last, last_kana, first, first_kana = UNDRAWABLE_NAME
    names = {"last_name": last, "first_name": first, "last_kana": last_kana, "first_kana": first_kana}
    person = DemoPerson(**{**vars(customer.person), **names})
    return FaceCustomer(person, "undrawable", "一般", consents=customer.consents)


def _make_customer(random: Random, person: DemoPerson, habit: str) -> FaceCustomer:
    return FaceCustomer(
        person,
        habit,
        rank=_choose_rank(random, habit),
        tags=_choose_tags(random, habit),
        subscribed_skus=random.choice(_BASKETS) if habit == "subscriber" else (),
        cycles=random.choice((1, 2, 2, 4, 5, 7, 9, 11)) if habit == "subscriber" else 0,
        consents=_choose_consents(random),
        care=(CareNote(*random.choice(_CARE)),) if random.random() < 0.06 else (),
        skin_type=random.choice(("普通肌", "乾燥肌", "敏感肌", "脂性肌", "混合肌")),
    )


def _choose_rank(random: Random, habit: str) -> str:
    if habit == "loyal":
        return random.choice(("ゴールド", "プラチナ"))
    return random.choice(("シルバー", "ゴールド")) if habit == "subscriber" else "一般"


def _choose_tags(random: Random, habit: str) -> tuple[str, ...]:
    found = ["お茶の会" if random.random() < 0.2 else "", "VIP" if habit == "loyal" and random.random() < 0.5 else ""]
    return tuple(tag for tag in found if tag)


def _choose_consents(random: Random) -> dict[Purpose, ConsentState]:
    """Most people allow all of it, some nothing, some only parts; some were never asked."""
    chance = random.random()
    if chance < 0.12:
        return {}
    if chance < 0.19:
        return dict.fromkeys(Purpose, ConsentState.DENIED)
    states = dict.fromkeys(Purpose, ConsentState.GRANTED)
    if chance < 0.29:
        states[Purpose.MARKETING] = ConsentState.DENIED
    if chance < 0.24:
        states[Purpose.LETTER] = ConsentState.DENIED
    return states
