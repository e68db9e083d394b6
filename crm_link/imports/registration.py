"""Tells the tabular intake which files crm_link can take in; `app` calls it at start."""

from typing import Final

from core.tabular.importer import ImportOption, register
from crm_link.imports.customers import CustomerImporter
from crm_link.imports.touchpoints import TouchpointImporter

SOURCE: Final = ImportOption("source", "データの出所(システム名)", "Source system")
CUSTOMER_SOURCE: Final = ImportOption("customer_source", "顧客番号の出所(システム名)", "System of the customer ids")
KNOWN_AT: Final = ImportOption(
    "known_at",
    "いつ把握したデータか(列がない場合)",
    "When it became known (without a column)",
    (("occurred", "発生と同時", "When it happened"), ("upload", "この取り込みで", "By this upload")),
)


def register_importers() -> None:
    register(CustomerImporter(), (SOURCE,))
    register(TouchpointImporter(), (KNOWN_AT, SOURCE, CUSTOMER_SOURCE))
