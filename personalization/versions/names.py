"""What people call the things that rules name by key, in both languages. Pure but for the loader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from personalization.conditions.explanation import Naming, ValueKind, Words
from personalization.inserts import load_inserts
from personalization.naming import FIXED, load_experiment_names, load_series_names, name_papers
from personalization.rulesets.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Names:
    """By key; what is not there is told by its key."""

    inserts: Mapping[str, Words] = field(default_factory=dict)
    templates: Mapping[str, Words] = field(default_factory=dict)
    slots: Mapping[str, Words] = field(default_factory=dict)
    others: Mapping[tuple[ValueKind, str], Words] = field(default_factory=dict)  # coupons, experiments, flags, services

    @property
    def naming(self) -> Naming:
        """The same for what conditions name."""
        own = {(ValueKind.INSERT, key): words for key, words in self.inserts.items()}
        return Naming({(kind, str(key)): words for (kind, key), words in FIXED.items()} | dict(self.others) | own)

    def say(self, kind: ValueKind, key: str) -> Words:
        return self.others.get((kind, key)) or Words(key, key)


def load_names(session: Session, shop_id: UUID, catalogue: Catalogue) -> Names:
    return Names(
        {key: Words(each.name_ja, each.name_en) for key, each in load_inserts(session, shop_id).items()},
        {key: Words(each.name_ja or key, each.name_en or key) for key, each in catalogue.templates.items()},
        {slot: Words(*each.label(slot)) for each in catalogue.templates.values() for slot in each.slots},
        name_papers(catalogue) | load_series_names(session, shop_id) | load_experiment_names(session, shop_id),
    )
