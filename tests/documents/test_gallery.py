"""Every shipped template can be seen, read and scanned."""

import pytest

from documents.catalogue import load_gallery, load_slots
from documents.errors import DocumentError
from documents.render import make_sample_copy, preview, render_copies
from documents.templates import Kind, SlotType
from tests.factories.documents import decode_codes, find_faults, gallery_template, read_pages

GALLERY = sorted(load_gallery())


def test_each_template_ships_in_both_languages_and_each_kind_is_there() -> None:
    assert {language for _, language in GALLERY} == {"ja", "en"}
    assert all((key, other) in GALLERY for key, _ in GALLERY for other in ("ja", "en"))
    assert {gallery_template(*place).template.kind for place in GALLERY} == set(Kind)


@pytest.mark.parametrize(("key", "language"), GALLERY)
def test_samples_are_drawn_and_scanned(key: str, language: str) -> None:
    template = gallery_template(key, language)
    pdf = preview(template)

    assert find_faults(pdf) == []
    assert ("QRCode", make_sample_copy(template).url) in decode_codes(pdf)
    text = "".join("".join(read_pages(pdf)).split())
    for name, slot in template.slots.items():
        if slot.type is SlotType.TEXT and isinstance(slot.sample, str):
            # Word by word: a reading stands over those words that are not kana.
            assert all(word in text for word in slot.sample.split()), name


@pytest.mark.parametrize(("key", "language"), GALLERY)
def test_required_values_alone_are_enough(key: str, language: str) -> None:
    sample = make_sample_copy(gallery_template(key, language))
    needed = {name: value for name, value in sample.values.items() if sample.template.slots[name].required}

    document = render_copies([type(sample)(sample.template, needed, sample.code, sample.code_text, sample.url)])

    assert document.pages == 1
    for name in needed:
        with pytest.raises(DocumentError):
            render_copies([type(sample)(sample.template, {**needed, name: None})])


@pytest.mark.parametrize("key", sorted({key for key, _ in GALLERY}))
def test_both_languages_ask_for_the_same_values(key: str) -> None:
    japanese, english = gallery_template(key, "ja"), gallery_template(key, "en")

    assert list(japanese.slots) == list(english.slots)
    assert japanese.template.flags == english.template.flags


def test_the_catalogue_speaks_both_languages() -> None:
    for name, slot in load_slots().items():
        assert set(slot["label"]) == {"ja", "en"}, name
        assert slot["sample"] is None or set(slot["sample"]) == {"ja", "en"}, name
