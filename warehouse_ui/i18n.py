"""The words on the screens: Japanese in the source, English from the catalogue; the request's context says which."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po
from fastapi import Request

from core.context import get_context, set_context
from core.settings import get_settings

LANGUAGES: Final = {"ja": "日本語", "en": "English"}
LANGUAGE_COOKIE: Final = "soegaki_language"
LOCALES: Final = Path(__file__).parent / "locales"


def mark(text: str) -> str:
    """Mark a text for the catalogue that is translated later, when it is shown."""
    return text


@lru_cache
def load_catalogue(language: str) -> dict[tuple[str, int], str]:
    """Return (message, plural form) → text. Japanese is what stands in the source and has no catalogue."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    texts: dict[tuple[str, int], str] = {}
    for message in catalogue:
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        texts |= {(first, form): text for form, text in enumerate(forms) if first and text}
    return texts


def get_language() -> str:
    language = get_context().language
    return language if language in LANGUAGES else get_settings().default_language


def gettext(text: str) -> str:
    return load_catalogue(get_language()).get((text, 0), text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form for `count`; Japanese has one, English two."""
    fallback = singular if count == 1 else plural
    return load_catalogue(get_language()).get((singular, 0 if count == 1 else 1), fallback)


def choose_language(request: Request) -> str:
    """Settle the language of this request: by the switch, the person, the browser, the setting, in this order."""
    wanted = [request.cookies.get(LANGUAGE_COOKIE), get_context().language, *_accepted(request)]
    language = next((each for each in wanted if each in LANGUAGES), get_settings().default_language)
    set_context(language=language)
    return language


def _accepted(request: Request) -> list[str]:
    """Return the browser's languages, best first (RFC 9110, 12.5.4); quality values keep the order browsers send."""
    header = request.headers.get("accept-language", "")
    return [part.split(";")[0].split("-")[0].strip().lower() for part in header.split(",") if part.strip()]
