"""JSON endpoints of products and delivery services."""

from typing import Annotated

from fastapi import APIRouter, Query

from core.auth.roles import Access, Role
from core.errors import NotFoundError
from core.web import SessionDep, require, require_anyone
from orders.catalogue import queries
from orders.catalogue.records import UpsertState
from orders.catalogue.schemas import DeliveryServiceOut, ProductOut, ProductsIn, ProductsOut
from orders.catalogue.service import upsert_products

router = APIRouter(prefix="/api", tags=["catalogue"])
Anyone = Annotated[Access, require_anyone()]
Operator = Annotated[Access, require(Role.OPERATOR)]


@router.get("/products")
def list_products(
    access: Anyone, session: SessionDep, after: Annotated[str, Query(max_length=100)] = ""
) -> list[ProductOut]:
    """List products by SKU, a hundred at a time; `after` is the last SKU seen."""
    return [ProductOut.model_validate(found) for found in queries.list_products(session, access.shop_id, after=after)]


@router.get("/products/by-code/{code}")
def show_product(code: str, access: Anyone, session: SessionDep) -> ProductOut:
    """Find a product by SKU, alias, or a GTIN in any printed form."""
    product_id = queries.find_product_by_scan(session, access.shop_id, code)
    if product_id is None:
        raise NotFoundError("There is no product with this code.", code=code)
    return ProductOut.model_validate(queries.load_products(session, access.shop_id, [product_id])[product_id])


@router.put("/products")
def put_products(sent: ProductsIn, access: Operator, session: SessionDep) -> ProductsOut:
    """Add or change products by SKU. One that is at fault refuses them all, naming SKU, field and reason."""
    upserted = upsert_products(session, access.shop_id, [product.to_product() for product in sent.products])
    return ProductsOut(**{state.value: upserted.count(state) for state in UpsertState})


@router.get("/delivery-services")
def list_services(access: Anyone, session: SessionDep) -> list[DeliveryServiceOut]:
    found = queries.list_delivery_services(session, access.shop_id)
    return [DeliveryServiceOut.model_validate(service) for service in found]
