"""Every table of the program: imports the `models` modules of all packages, so that their tables are known."""

import importlib
import pkgutil
from typing import Final

from sqlalchemy import MetaData

import core
import crm_link
import documents
import fulfillment
import orders
import personalization
from core.db import Base

# Subjects of one file keep their table beside the code.
FLAT_MODULES: Final = ("core.codes", "core.sealing", "core.tenancy")
PACKAGES: Final = (core, crm_link, orders, personalization, documents, fulfillment)


def load_metadata() -> MetaData:
    """Import all table definitions and return what they declare."""
    for name in FLAT_MODULES:
        importlib.import_module(name)
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] == "models":
                importlib.import_module(module.name)
    return Base.metadata
