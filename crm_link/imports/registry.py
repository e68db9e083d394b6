"""The importers of crm_link; `app` makes them known to the intake."""

from typing import Final

from core.tabular.importer import Importer
from crm_link.imports.customers import CustomerImporter
from crm_link.imports.touchpoints import TouchpointImporter

IMPORTERS: Final[tuple[Importer, ...]] = (CustomerImporter(), TouchpointImporter())
