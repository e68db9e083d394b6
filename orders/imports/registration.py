"""Tells the tabular intake which files orders can take in; `app` calls it at start."""

from core.tabular.importer import register
from orders.imports.orders_importer import OrdersImporter
from orders.imports.products_importer import ProductsImporter


def register_importers() -> None:
    register(OrdersImporter())
    register(ProductsImporter())
