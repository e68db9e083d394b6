"""HTTP shapes of the catalogue."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from orders.catalogue.records import ProductIn
from orders.kinds import LetterClass
from orders.normalised import TemperatureZone


class ComponentBody(BaseModel):
    sku: str
    quantity: int = Field(1, ge=1)


class ProductBody(BaseModel):
    """A value left out keeps what is known. `gtin` may be JAN-8, JAN-13, UPC-12 or GTIN-14."""

    sku: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=500)
    gtin: str | None = None
    name_en: str | None = None
    category: str | None = None
    price: int | None = None
    tax_rate: Decimal | None = None
    weight_g: int | None = None
    thickness_mm: int | None = None
    width_mm: int | None = None
    length_mm: int | None = None
    temperature_zone: TemperatureZone | None = None
    ships: bool | None = None
    sold_out: bool | None = None
    aliases: tuple[str, ...] = ()
    components: tuple[ComponentBody, ...] | None = None

    def to_product(self) -> ProductIn:
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "components"}
        parts = None if self.components is None else tuple((part.sku, part.quantity) for part in self.components)
        return ProductIn(**values, components=parts)


class ProductsIn(BaseModel):
    products: list[ProductBody] = Field(min_length=1, max_length=5000)


class ProductsOut(BaseModel):
    new: int
    changed: int
    same: int


class ProductOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sku: str
    gtin: str | None
    name: str
    name_en: str | None
    category: str | None
    price: int | None
    tax_rate: Decimal | None
    weight_g: int | None
    thickness_mm: int | None
    temperature_zone: TemperatureZone
    ships: bool
    sold_out: bool
    is_set: bool
    picture_file_id: UUID | None
    active: bool


class DeliveryServiceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    carrier: str
    name: str
    name_en: str
    letter_class: LetterClass
    sealed_allowed: bool
    max_thickness_mm: int | None
    max_weight_g: int | None
    max_size_mm: int | None
    max_length_mm: int | None
    max_width_mm: int | None
    temperature_zones: list[str]
    active: bool
    valid_from: date | None
    valid_until: date | None
    note: str | None
