"""What people call the things that rules, conditions and decisions hold by key: loaded for one explanation."""

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_link.kinds import CareKind, Purpose
from orders.catalogue.models import Product
from personalization.conditions.explanation import Naming, ValueKind, Words, find_value_kind
from personalization.conditions.tree import walk
from personalization.coupons.models import CouponSeries
from personalization.experiments.models import Experiment
from personalization.models import InsertKind
from personalization.resolver.batch import Batch
from personalization.resolver.resolve import Rulebook
from personalization.rulesets.catalogue import Catalogue

Named = dict[tuple[ValueKind, str], Words]
FIXED: Final[Mapping[tuple[ValueKind, str], Words]] = {
    (ValueKind.INSERT_KIND, InsertKind.LEAFLET): Words("リーフレット", "leaflet"),
    (ValueKind.INSERT_KIND, InsertKind.SAMPLE): Words("試供品", "sample"),
    (ValueKind.INSERT_KIND, InsertKind.GIFT): Words("プレゼント", "gift"),
    (ValueKind.INSERT_KIND, InsertKind.LETTER): Words("お手紙", "letter"),
    (ValueKind.INSERT_KIND, InsertKind.COUPON): Words("クーポン", "coupon"),
    (ValueKind.INSERT_KIND, InsertKind.TASK): Words("作業", "task"),
    (ValueKind.PURPOSE, Purpose.PERSONALISATION): Words("履歴による同梱物の選択", "choosing by history"),
    (ValueKind.PURPOSE, Purpose.MARKETING): Words("広告・試供品・クーポン", "advertising, samples and coupons"),
    (ValueKind.PURPOSE, Purpose.LETTER): Words("履歴にふれるお手紙", "letters that speak of the history"),
    (ValueKind.PURPOSE, Purpose.MEASUREMENT): Words("効果測定", "measuring effects"),
    (ValueKind.PURPOSE, Purpose.CRM_FEEDBACK): Words("CRMへの連携", "telling the CRM"),
    (ValueKind.CARE, CareKind.ALLERGY): Words("アレルギー", "allergy"),
    (ValueKind.CARE, CareKind.NO_SAMPLES): Words("試供品を入れない", "no samples"),
    (ValueKind.CARE, CareKind.NO_LETTERS): Words("お手紙を入れない", "no letters"),
    (ValueKind.CARE, CareKind.NO_INSERTS): Words("同梱物を入れない", "no inserts"),
    (ValueKind.CARE, CareKind.DO_NOT_SEND): Words("発送しない", "do not send"),
    (ValueKind.CARE, CareKind.CHECK_BY_HAND): Words("担当者が確認する", "to be checked by a person"),
}


def load_naming(session: Session, shop_id: UUID, rulebook: Rulebook, batch: Batch | None = None) -> Naming:
    """Return the names of whatever these rules mention, and of the goods in the facts of a batch."""
    words: Named = {(kind, str(key)): each for (kind, key), each in FIXED.items()}
    words |= {
        (ValueKind.INSERT, key): Words(insert.name_ja, insert.name_en) for key, insert in rulebook.inserts.items()
    }
    words |= name_papers(rulebook.catalogue)
    words |= load_series_names(session, shop_id)
    words |= load_experiment_names(session, shop_id)
    words |= _load_products(session, shop_id, {*_list_skus(rulebook), *(_list_known_skus(batch) if batch else ())})
    return Naming(words)


def name_papers(catalogue: Catalogue) -> Named:
    """Return templates with their slots and flags, and delivery services."""
    words: Named = {}
    for key, template in catalogue.templates.items():
        words[ValueKind.TEMPLATE, key] = Words(template.name_ja or key, template.name_en or key)
        words |= {(ValueKind.SLOT, slot): Words(*template.label(slot)) for slot in template.slots}
        words |= {(ValueKind.FLAG, flag): Words(*label) for flag, label in template.flags.items()}
    return words | {(ValueKind.SERVICE, key): Words(each.name, each.name) for key, each in catalogue.services.items()}


def load_series_names(session: Session, shop_id: UUID) -> Named:
    wanted = select(CouponSeries.key, CouponSeries.title_ja, CouponSeries.title_en)
    rows = session.execute(wanted.where(CouponSeries.shop_id == shop_id))
    return {(ValueKind.SERIES, key): Words(ja, en) for key, ja, en in rows}


def load_experiment_names(session: Session, shop_id: UUID) -> Named:
    words: Named = {}
    for each in session.scalars(select(Experiment).where(Experiment.shop_id == shop_id)):
        words[ValueKind.EXPERIMENT, each.key] = Words(each.name_ja, each.name_en)
        words |= {
            (ValueKind.ARM, f"{each.key}/{arm['key']}"): Words(arm["name_ja"], arm["name_en"]) for arm in each.arms
        }
    return words


def _load_products(session: Session, shop_id: UUID, skus: set[str]) -> Named:
    if not skus:
        return {}
    wanted = select(Product.sku, Product.name, Product.name_en)
    rows = session.execute(wanted.where(Product.shop_id == shop_id, Product.sku.in_(sorted(skus))))
    return {(ValueKind.PRODUCT, sku): Words(name, name_en or name) for sku, name, name_en in rows}


def _list_skus(rulebook: Rulebook) -> Iterator[str]:
    """Yield the goods that conditions name."""
    for rule in rulebook.document.rules:
        for comparison in walk(rule.when):
            question = comparison.question(rule.audience)
            held: list[object] = [
                value for key, value in question.parameters if find_value_kind(key) is ValueKind.PRODUCT
            ]
            if find_value_kind(question.key) is ValueKind.PRODUCT:
                held.append(comparison.operand)
            for value in held:
                yield from (
                    [value] if isinstance(value, str) else (value if isinstance(value, tuple | frozenset) else ())
                )


def _list_known_skus(batch: Batch) -> Iterator[str]:
    for question, column in batch.columns.items():
        if find_value_kind(question.key) is ValueKind.PRODUCT:
            for row in range(len(batch.requests)):
                value = column.get(row)
                yield from value if isinstance(value, tuple) else ()
