"""The moments for which models are fitted from the terminal."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.cli import make_cli
from app.commands.predictions import list_moments
from tests.conftest import MORNING

TOKYO = ZoneInfo("Asia/Tokyo")


def test_past_months_begin_at_midnight_of_the_shop_and_the_last_moment_is_now(clock: Any) -> None:
    moments = list(list_moments(date(2026, 9, 2), TOKYO))
    assert moments == [datetime(2026, 9, 30, 15, tzinfo=UTC), datetime(2026, 10, 31, 15, tzinfo=UTC), MORNING]


def test_without_a_day_only_now_is_fitted(clock: Any) -> None:
    assert list(list_moments(None, TOKYO)) == [MORNING]


def test_the_command_is_known() -> None:
    assert [group.name for group in make_cli("predictions").registered_groups] == ["predictions"]
