"""Documents that must keep step with the code."""

import re

from core.settings import Settings
from tests.architecture.sources import PACKAGES, ROOT

DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = set(re.findall(r"^\| `SOEGAKI_([A-Z0-9_]+)`", read("settings.md"), re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_the_documented_default_of_a_setting_is_the_real_one() -> None:
    text = read("settings.md")
    for name, field in Settings.model_fields.items():
        if field.default_factory is None and field.default is not None:
            row = re.search(rf"^\| `SOEGAKI_{name.upper()}` \| `([^`]*)` \|", text, re.MULTILINE)
            assert row is not None, name
            assert row[1] == str(field.default), name


def test_every_decision_is_in_the_index_and_says_what_was_decided() -> None:
    index = read("decisions/README.md")
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert len(records) >= 4
    assert len({record.name[:4] for record in records}) == len(records)
    for record in records:
        assert f"({record.name})" in index, record.name
        text = record.read_text(encoding="utf-8").lower()
        for part in ("decision", "consequences"):
            assert part in text or "decided" in text, f"{record.name} lacks {part}"


def test_the_map_of_the_code_names_every_package() -> None:
    text = read("architecture.md")
    assert not [package for package in PACKAGES if package not in text]


def test_the_changelog_is_open_for_what_comes() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} → {target}")
    assert not broken, "\n".join(broken)
