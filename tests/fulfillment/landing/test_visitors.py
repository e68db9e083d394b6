"""People's phones are told from programs that only look."""

import pytest

from fulfillment.landing.visitors import is_ahead_of_time, is_machine, is_on_its_way

PHONES = [
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
        "Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 15; SC-51E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile "
        "Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        "Safari Line/15.7.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
        "Chrome/137.0.0.0 Mobile Safari/537.36 YJApp-ANDROID jp.co.yahoo.android.yjtop/3.190.0"
    ),
    "Mozilla/5.0 (Android 14; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
    "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536E) AppleWebKit/537.36 SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile",
]
MACHINES = [
    "",
    "facebookexternalhit/1.1;line-poker/1.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    (
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/137.0.0.0 Mobile Safari/537.36 "
        "(compatible; GoogleOther)"
    ),
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "curl/8.5.0",
    "python-requests/2.32",
    "okhttp/4.12.0",
    "QRApp/1 CFNetwork/1568 Darwin/24.0.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/137.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; bingbot/2.0)",
    "Mozilla/5.0 (compatible; Applebot/0.1)",
]


@pytest.mark.parametrize("agent", PHONES)
def test_a_phone_is_a_person(agent: str) -> None:
    assert not is_machine({"user-agent": agent})


@pytest.mark.parametrize("agent", MACHINES)
def test_previews_and_crawlers_are_not(agent: str) -> None:
    assert is_machine({"user-agent": agent})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
    ],
)
def test_what_a_browser_loads_ahead_is_no_visit(headers: dict[str, str]) -> None:
    assert is_ahead_of_time(headers)
    assert not is_ahead_of_time({})


def test_a_picture_or_frame_of_another_page_is_no_visit() -> None:
    assert is_on_its_way({})
    assert is_on_its_way({"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"})
    assert not is_on_its_way({"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"})
    assert not is_on_its_way({"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"})
