"""The address in the QR symbol of a printed copy, as a customer's phone opens it."""

import pytest

from app.main import create_app
from core.codes import issue_codes, new_code
from core.db import session_scope
from core.ids import new_id
from tests.browsing import visit
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")


def test_a_code_leads_to_its_shop_and_says_nothing_else() -> None:
    shop_id = make_shop("tea")
    with session_scope([shop_id]) as session:
        [code] = issue_codes(session, shop_id, "copy", [new_id()])
    with visit(create_app()) as browser:
        answer = browser.get(f"/c/{code}")
    assert answer.status_code == 200
    assert "店舗" in answer.text


def test_an_unknown_or_broken_code_gets_a_polite_page() -> None:
    with visit(create_app()) as browser:
        for text in (new_code(), "nonsense", "0" * 13):
            answer = browser.get(f"/c/{text}")
            assert answer.status_code == 404
            assert "使われていません" in answer.text
