"""Pure: tells a person's phone from a program that only looks: link previews, search engines, prefetching, checks."""

import re
from collections.abc import Mapping
from typing import Final

# What previews, crawlers, monitors and libraries call themselves. A phone that is taken for one of them is still led
# on, only not counted.
_MACHINES: Final = re.compile(
    r"bot\b|bot[/_;.]|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|line-poker|whatsapp|telegram"
    r"|skypeuripreview|discord|slack|embedly|quora link|pinterest|vkshare|w3c_validator|lighthouse|pagespeed"
    r"|googleother|google-inspectiontool|google-read-aloud|mediapartners|feedfetcher|apis-google|bytespider|yeti"
    r"|curl|wget|python|aiohttp|httpx|okhttp|java/|go-http|libwww|\bperl|\bruby|\bphp|node-fetch|axios|undici|guzzle"
    r"|headless|phantomjs|puppeteer|playwright|selenium|scrapy|postman|insomnia|monitor|uptime|pingdom|statuscake"
    r"|cfnetwork|dalvik|urlscan|safebrowsing|virustotal|proofpoint|mimecast|barracuda|validator|checker|fetch|archiver",
    re.IGNORECASE,
)
_AHEAD: Final = ("prefetch", "preview", "prerender", "instant")


def is_machine(headers: Mapping[str, str]) -> bool:
    """Say whether this reads pages for others: no name, or the name of a program."""
    agent = headers.get("user-agent", "").strip()
    return not agent or _MACHINES.search(agent) is not None


def is_ahead_of_time(headers: Mapping[str, str]) -> bool:
    """Say whether a browser loads this before anybody asked for it.

    `Sec-Purpose` is the standard (https://fetch.spec.whatwg.org/#sec-purpose-header), the others are older browsers'.
    """
    told = (headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any(word in purpose for purpose in told for word in _AHEAD)


def is_on_its_way(headers: Mapping[str, str]) -> bool:
    """Say whether a person's browser goes to this address as its page: not a picture, frame or script elsewhere."""
    mode, destination = headers.get("sec-fetch-mode", "navigate"), headers.get("sec-fetch-dest", "document")
    return mode == "navigate" and destination == "document"
