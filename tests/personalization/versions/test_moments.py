"""The moment at which a version comes live: read in the shop's time zone, refused with its reason."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from personalization.errors import MomentError
from personalization.versions.moments import read_moment, show_moment


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-12-01T09:00", "Asia/Tokyo", "2026-12-01T00:00:00+00:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00+00:00"),  # comes twice: the first
    ],
)
def test_moments_are_read_in_the_shops_time_zone(text: str, zone: str, moment: str) -> None:
    found = read_moment(text, ZoneInfo(zone))
    assert found == datetime.fromisoformat(moment)
    assert show_moment(found, ZoneInfo(zone)) == text


@pytest.mark.parametrize(("text", "reason"), [("soon", "unreadable"), ("2026-03-29T02:30", "does not exist")])
def test_moments_that_cannot_be_are_named(text: str, reason: str) -> None:
    with pytest.raises(MomentError) as refused:
        read_moment(text, ZoneInfo("Europe/Berlin"))
    assert refused.value.reason == reason
