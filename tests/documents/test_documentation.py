"""The page about documents names every slot, template, flag and refusal."""

from pathlib import Path

from documents.catalogue import load_gallery, load_slots
from documents.errors import Refusal

PAGE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")


def test_every_slot_template_flag_and_refusal_is_described() -> None:
    flags = {flag for document in load_gallery().values() for flag in document.get("flags", {})}
    names = {*load_slots(), *flags, *Refusal, *(key for key, _ in load_gallery())}

    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []


def test_requirements_are_marked() -> None:
    for document in load_gallery().values():
        for name, slot in document["slots"].items():
            assert not slot.get("required") or f"**`{name}`**" in PAGE, (document["key"], name)
