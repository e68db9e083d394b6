"""A shop is opened only under a name that people can type in grants and addresses."""

from typing import Any

import pytest

from app.opening import ShopIn, open_shop
from core.errors import InvalidInputError


@pytest.mark.parametrize("slug", ["", "Bad Slug!", "茶", "1shop", "a@b", "x" * 41])
def test_a_name_nobody_could_type_is_refused(slug: str) -> None:
    good: dict[str, Any] = {"slug": "tea", "warehouse_slug": "main"}
    for field in good:
        names = good | {field: slug}
        with pytest.raises(InvalidInputError, match="short name"):
            open_shop(ShopIn(name="茶", name_en="Tea", warehouse_name="倉庫", warehouse_name_en="Warehouse", **names))
