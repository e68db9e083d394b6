"""What holds for every template: it compiles, runs nothing inline, and posts with the token."""

import re
from pathlib import Path

import pytest

from warehouse_ui.templating import ENVIRONMENT, FOLDER

TEMPLATES = sorted(ENVIRONMENT.list_templates())
# Before anybody is signed in there is no token; these check where the form came from.
OPEN_FORMS = ("/sign-in", "/preferences/language", "/preferences/theme")
# One page brings its style along, which its own policy knows by a hash.
OWN_STYLE = r'>\{% include "landing/style\.css" %\}</style>'
FORM = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)


def read(name: str) -> str:
    return Path(FOLDER / "templates" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(name: str) -> None:
    assert ENVIRONMENT.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_has_nothing_inline(name: str) -> None:
    """The content policy would refuse it; this says where."""
    text = read(name)
    inline = r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:"
    assert not re.search(rf"{inline}|<style(?!{OWN_STYLE})", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_form_that_posts_carries_the_token(name: str) -> None:
    for form in FORM.findall(read(name)):
        assert "csrf(" in form or any(f'action="{address}"' in form for address in OPEN_FORMS), form[:120]


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_asks_for_no_role(name: str) -> None:
    """Routes say what is allowed; templates show it."""
    assert not re.search(r"\brole\s*==|has_role|principal", read(name))


def test_icons_named_by_templates_exist() -> None:
    sprite = (FOLDER / "assets" / "icons.svg").read_text(encoding="utf-8")
    named = {icon for name in TEMPLATES for icon in re.findall(r"icon\(\"([a-z-]+)\"", read(name))}
    assert [icon for icon in named if f'id="{icon}"' not in sprite] == []
