"""The operator says where codes lead; what is wrong is told at its field, and two who save do not undo each other."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.main import create_app
from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope
from documents.service import install_gallery
from fulfillment.landing.service import Choice, Target, load_choice
from tests.browsing import browse
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")
FORM = {
    "version": "0",
    "address": "https://shop.example.jp/春",
    "source": "parcel",
    "medium": "qr",
    "campaign": "{template}",
    "content": "",
    "expires_after_days": "90",
    "thank_you_letter:campaign": "letter-{month}",
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def shop_id() -> UUID:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        install_gallery(session, shop_id)
    return shop_id


def load(shop_id: UUID) -> Choice:
    with session_scope([shop_id]) as session:
        return load_choice(session, shop_id)


def test_what_is_saved_is_kept_checked_and_on_record(app: FastAPI, shop_id: UUID) -> None:
    operator = browse(app, Role.OPERATOR, shop_ids=[shop_id])
    assert operator.post("/landing", data=FORM).status_code == 303
    kept = load(shop_id)
    assert kept.address == "https://shop.example.jp/%E6%98%A5"
    assert (kept.expires_after_days, kept.granted_only, kept.version) == (90, False, 1)
    assert kept.targets == {"thank_you_letter": Target(campaign="letter-{month}")}
    with session_scope([shop_id]) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.tag == "fulfillment:landing:set")).one()
    assert entry.details["hosts"] == ["shop.example.jp"]
    assert entry.actor_id == operator.user.id


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("address", "http://shop.example.jp/", "https://"),
        ("address", "javascript:alert(1)", "https://"),
        ("thank_you_letter:address", "https://a@shop.example.jp/", "利用者名"),
        ("campaign", "{mail}", "{mail}"),
        ("expires_after_days", "0", "3650"),
        ("expires_after_days", "-1", "3650"),
        ("expires_after_days", "9" * 30, "3650"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(
    app: FastAPI, shop_id: UUID, field: str, value: str, says: str
) -> None:
    answer = browse(app, Role.OPERATOR, shop_ids=[shop_id]).post("/landing", data=FORM | {field: value})
    assert answer.status_code == 422
    assert says in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert load(shop_id).version == 0


def test_of_two_who_save_the_second_is_told(app: FastAPI, shop_id: UUID) -> None:
    first, second = (browse(app, Role.OPERATOR, shop_ids=[shop_id]) for _ in range(2))
    assert first.post("/landing", data=FORM).status_code == 303
    refused = second.post("/landing", data=FORM | {"content": "second"})
    assert refused.status_code == 409
    assert 'value="second"' in refused.text
    assert load(shop_id).content == ""
    # Who has seen that and saves again means it.
    assert second.post("/landing", data=FORM | {"content": "second", "version": "1"}).status_code == 303
    assert load(shop_id).content == "second"


@pytest.mark.parametrize("role", [Role.PACKER, Role.CUSTOMER_SUCCESS, Role.ADMINISTRATOR])
def test_only_operators_may(app: FastAPI, shop_id: UUID, role: Role) -> None:
    caller: Any = browse(app, role, shop_ids=[shop_id])
    assert caller.get("/landing").status_code == 403
    assert caller.post("/landing", data=FORM).status_code == 403
