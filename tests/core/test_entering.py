"""Many rows by one statement, and many ids as one array."""

import pytest
from sqlalchemy import select

from core import clock
from core.db import is_among, session_scope
from core.entering import enter_rows
from core.ids import new_id
from core.sealing import SealingKey
from core.tenancy import Shop
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")


def test_what_one_row_does_not_name_is_null_there_whatever_the_others_name() -> None:
    shop_id, ids = make_shop(), [new_id() for _ in range(3)]
    common = {"shop_id": shop_id, "created_at": clock.now()}
    with session_scope([shop_id]) as session:
        enter_rows(session, SealingKey, [])
        enter_rows(
            session,
            SealingKey,
            [
                {"id": ids[0], **common},
                {"id": ids[1], **common, "wrapped": b"\x00\xff"},
                {"destroyed_at": clock.now(), "id": ids[2], **common},
            ],
        )
        found = {key.id: key for key in session.scalars(select(SealingKey).where(is_among(SealingKey.id, ids)))}
    assert [found[key_id].wrapped for key_id in ids] == [None, b"\x00\xff", None]
    assert [found[key_id].destroyed_at is None for key_id in ids] == [True, True, False]


def test_what_all_rows_share_is_told_once() -> None:
    shop_id, ids = make_shop(), [new_id() for _ in range(3)]
    with session_scope([shop_id]) as session:
        rows = [{"id": key_id, "wrapped": bytes([number])} for number, key_id in enumerate(ids)]
        enter_rows(session, SealingKey, rows, {"shop_id": shop_id, "created_at": clock.now()})
        found = {key.id: key for key in session.scalars(select(SealingKey).where(is_among(SealingKey.id, ids)))}
    assert [found[key_id].wrapped for key_id in ids] == [b"\x00", b"\x01", b"\x02"]
    assert {key.shop_id for key in found.values()} == {shop_id}


def test_rows_may_refer_to_what_still_waits_in_the_session() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        session.get_one(Shop, shop_id).name = "新しい名"
        enter_rows(session, SealingKey, [{"id": new_id(), "shop_id": shop_id, "created_at": clock.now()}])
        assert not session.dirty


def test_among_no_ids_is_nothing() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        assert session.scalars(select(Shop).where(is_among(Shop.id, []))).all() == []
        assert [shop.id for shop in session.scalars(select(Shop).where(is_among(Shop.id, {shop_id})))] == [shop_id]
