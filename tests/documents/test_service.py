"""Templates and pictures of a shop, on the real database."""

import threading
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from core.db import session_scope
from core.ids import new_id
from documents.catalogue import load_gallery
from documents.errors import DocumentError, TemplateChangedError, TemplateInvalidError, TemplateNotFoundError
from documents.library import find_picture, store_picture
from documents.models import TemplateVersion
from documents.service import (
    get_template,
    get_templates,
    get_versions,
    install_gallery,
    publish_template,
)
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")


def _changed(title: str = "別の名前") -> dict[str, Any]:
    return {**load_gallery()["packing_slip", "ja"], "name": {"ja": title, "en": "Another name"}}


def test_a_new_shop_gets_the_whole_gallery_once() -> None:
    shop_id = make_shop()

    with session_scope([shop_id]) as session:
        assert install_gallery(session, shop_id) == len(load_gallery())
    with session_scope([shop_id]) as session:
        assert install_gallery(session, shop_id) == 0
        found = get_template(session, shop_id, "packing_slip", "en")
        assert (found.number, found.compiled.language) == (1, "en")


def test_installing_again_leaves_own_versions_alone() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        publish_template(session, shop_id, _changed())

    with session_scope([shop_id]) as session:
        assert install_gallery(session, shop_id) == len(load_gallery()) - 1
        assert get_template(session, shop_id, "packing_slip", "ja").compiled.template.name.ja == "別の名前"


def test_versions_stay_as_they_were_published() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        install_gallery(session, shop_id)
        first = get_template(session, shop_id, "packing_slip", "ja")
        second = publish_template(session, shop_id, _changed(), note="名前を変更")

    with session_scope([shop_id]) as session:
        assert get_template(session, shop_id, "packing_slip", "ja").version_id == second.version_id
        versions = get_versions(session, [first.version_id, second.version_id])
    assert {number: versions[each.version_id].number for number, each in ((1, first), (2, second))} == {1: 1, 2: 2}
    assert versions[first.version_id].compiled.sha256 == first.compiled.sha256
    assert versions[first.version_id].compiled.template.name.ja == "納品書"


def test_publishing_what_is_in_force_changes_nothing() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        first = publish_template(session, shop_id, _changed())
        again = publish_template(session, shop_id, _changed())

        assert (again.version_id, again.number) == (first.version_id, 1)


def test_a_faulty_template_is_not_published() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        with pytest.raises(TemplateInvalidError):
            publish_template(session, shop_id, {**_changed(), "styles": {}})
        assert session.scalar(select(func.count()).select_from(TemplateVersion)) == 0


def test_who_publishes_second_is_told() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        publish_template(session, shop_id, _changed("一"), expected_number=0)
    with session_scope([shop_id]) as session, pytest.raises(TemplateChangedError):
        publish_template(session, shop_id, _changed("二"), expected_number=0)


def test_two_at_once_give_one_version_and_one_refusal() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        publish_template(session, shop_id, _changed("初版"))
    together, outcomes = threading.Barrier(2), []

    def publish(title: str) -> None:
        try:
            with session_scope([shop_id]) as session:
                get_template(session, shop_id, "packing_slip", "ja")
                together.wait(timeout=20)
                outcomes.append(publish_template(session, shop_id, _changed(title), expected_number=1).number)
        except TemplateChangedError:
            outcomes.append(0)

    threads = [threading.Thread(target=publish, args=(title,)) for title in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [0, 2]


def test_a_language_that_is_missing_falls_back_to_japanese() -> None:
    shop_id = make_shop()
    with session_scope([shop_id]) as session:
        publish_template(session, shop_id, _changed())

        assert get_template(session, shop_id, "packing_slip", "en").compiled.language == "ja"
        assert set(get_templates(session, shop_id, ["packing_slip", "nothing"], "en")) == {"packing_slip"}
        with pytest.raises(TemplateNotFoundError):
            get_template(session, shop_id, "nothing", "ja")
        with pytest.raises(TemplateNotFoundError):
            get_versions(session, [new_id()])


def test_another_shop_sees_nothing() -> None:
    shop_id, other_id = make_shop(), make_shop()
    with session_scope([shop_id]) as session:
        published = publish_template(session, shop_id, _changed())

    with session_scope([other_id]) as session:
        for call in (
            lambda: get_template(session, shop_id, "packing_slip", "ja"),
            lambda: get_versions(session, [published.version_id]),
        ):
            with pytest.raises(TemplateNotFoundError):
                call()


def test_a_picture_takes_the_place_of_the_one_before() -> None:
    shop_id = make_shop()
    pictures = []
    for size in ((10, 5), (20, 8)):
        buffer = BytesIO()
        Image.new("RGB", size).save(buffer, "PNG")
        pictures.append(buffer.getvalue())

    with session_scope([shop_id]) as session:
        store_picture(session, shop_id, "logo", pictures[0])
    with session_scope([shop_id]) as session:
        record = store_picture(session, shop_id, "logo", pictures[1])
        assert (record.width_px, record.height_px) == (20, 8)
        assert find_picture(session, shop_id, "logo") == pictures[1]
        assert find_picture(session, shop_id, "stamp") is None
        with pytest.raises(DocumentError):
            store_picture(session, shop_id, "logo", b"<svg/>")
