"""What a ruleset is checked against besides the inserts: templates and delivery services, given as a value."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from orders.kinds import LetterClass

# From the freest to the most limited: a service that carries one carries those before it.
LETTER_ORDER = (LetterClass.NONE, LetterClass.COVER_NOTE, LetterClass.CORRESPONDENCE)


class TemplateKind(StrEnum):
    LETTER = "letter"
    SLIP = "slip"


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """`slots` are the names that rules may fill; `needed` those without which no copy is printed and which nothing but
    a rule fills; `shown` those that some element really prints (None: not known, as good as all). `labels` and `flags`
    are the slots and flags in words, Japanese and English.
    """

    key: str
    kind: TemplateKind
    slots: frozenset[str] = frozenset()
    letter_class: LetterClass = LetterClass.NONE
    sealed: bool = False
    needed: frozenset[str] = frozenset()
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    name_ja: str = ""
    name_en: str = ""
    flags: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    shown: frozenset[str] | None = None

    def shows(self, slots: AbstractSet[str]) -> bool:
        """Whether it has a place for one of these."""
        return bool(slots & (self.slots if self.shown is None else self.shown))

    def label(self, slot: str) -> tuple[str, str]:
        return self.labels.get(slot, (slot, slot))


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """`letter_class` is the most that the service may carry."""

    key: str
    name: str
    letter_class: LetterClass
    sealed_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Built by fulfillment from documents and the delivery services; stored with each version for replays.

    `slips` are those that parcels get when no rule chooses another one: of an order, and of a gift.
    """

    templates: Mapping[str, TemplateInfo] = field(default_factory=dict)
    services: Mapping[str, ServiceInfo] = field(default_factory=dict)
    slips: tuple[str, ...] = ()


def make_catalogue(
    templates: Sequence[TemplateInfo], services: Sequence[ServiceInfo], slips: Sequence[str] = ()
) -> Catalogue:
    return Catalogue({t.key: t for t in templates}, {s.key: s for s in services}, tuple(slips))


def is_carried(service: ServiceInfo, letter_class: LetterClass, sealed: bool) -> bool:
    """Whether the service may carry such a thing (郵便法第4条): a sealed note is correspondence, whatever it says."""
    if letter_class is LetterClass.NONE:
        return True
    if sealed and not service.sealed_allowed:
        return False
    return LETTER_ORDER.index(letter_class) <= LETTER_ORDER.index(service.letter_class)


def dump_catalogue(catalogue: Catalogue) -> dict[str, Any]:
    """Return the catalogue as JSON, to be kept with the version."""
    return {
        "templates": [_dump_template(template) for template in catalogue.templates.values()],
        "services": [asdict(s) for s in catalogue.services.values()],
        "slips": list(catalogue.slips),
    }


def _dump_template(template: TemplateInfo) -> dict[str, Any]:
    shown = None if template.shown is None else sorted(template.shown)
    return {**asdict(template), "slots": sorted(template.slots), "needed": sorted(template.needed), "shown": shown}


def load_catalogue(stored: Mapping[str, Any]) -> Catalogue:
    """Return a kept catalogue; one from before templates had names and needs has none."""
    templates = [
        TemplateInfo(
            t["key"],
            TemplateKind(t["kind"]),
            frozenset(t["slots"]),
            LetterClass(t["letter_class"]),
            t["sealed"],
            frozenset(t.get("needed", ())),
            {slot: (label[0], label[1]) for slot, label in t.get("labels", {}).items()},
            t.get("name_ja", ""),
            t.get("name_en", ""),
            {flag: (label[0], label[1]) for flag, label in t.get("flags", {}).items()},
            None if t.get("shown") is None else frozenset(t["shown"]),
        )
        for t in stored["templates"]
    ]
    services = [
        ServiceInfo(s["key"], s["name"], LetterClass(s["letter_class"]), s["sealed_allowed"])
        for s in stored["services"]
    ]
    return make_catalogue(templates, services, stored.get("slips", ()))
