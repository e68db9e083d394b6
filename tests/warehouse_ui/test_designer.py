"""The doors of the template designer: drafts, previews with real data, pictures, versions."""

from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.auth.roles import Role
from core.db import session_scope
from documents.library import list_pictures
from documents.service import get_template
from fulfillment.models import Shipment
from fulfillment.packing.models import Copy
from tests.browsing import Browser
from tests.factories.fulfillment import print_all, take_order
from tests.factories.orders import make_order
from tests.warehouse_ui.conftest import Place, RunJobs

LETTER = "/templates/thank_you_letter/ja"
SLIP = "/templates/packing_slip/ja"


def read_draft(browser: Browser, path: str = LETTER) -> dict[str, Any]:
    found: dict[str, Any] = browser.get(f"{path}/draft").json()
    return found


def change(browser: Browser, path: str = LETTER, **changes: Any) -> dict[str, Any]:
    draft = read_draft(browser, path)
    document = {**draft["document"], **changes}
    answer = browser.post(f"{path}/draft", json={"document": document, "seen": draft["version"]})
    assert answer.status_code == 200, answer.text
    return document


def preview(browser: Browser, document: dict[str, Any], path: str = LETTER, **more: Any) -> Any:
    return browser.post(f"{path}/preview", json={"document": document, "scale": 0.5, **more})


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    sink = BytesIO()
    Image.new("RGB", size, "#2f4a3c").save(sink, kind)
    return sink.getvalue()


def test_a_draft_is_saved_published_and_put_back(place: Place, operator: Browser) -> None:
    change(operator, name={"ja": "春の便り", "en": "Spring letter"})
    page = operator.get(f"{LETTER}/publish").text
    assert "「お礼状」 → 「春の便り」" in page
    seen = read_draft(operator)["version"]
    assert operator.post(f"{LETTER}/publish", data={"seen": str(seen), "note": "春"}).status_code == 303
    history = operator.get(f"{LETTER}/versions").text
    assert "春" in history
    assert operator.user.name in history
    answer = operator.post(f"{LETTER}/versions/1/roll-back", data={"seen_live": "2"})
    assert answer.status_code == 303
    with session_scope([place.shop_id]) as session:
        live = get_template(session, place.shop_id, "thank_you_letter", "ja")
        tags = set(session.scalars(select(AuditEntry.tag).where(AuditEntry.shop_id == place.shop_id)))
    assert (live.number, live.compiled.template.name.ja) == (3, "お礼状")
    assert {"documents:template:publish", "documents:template:roll_back"} <= tags
    assert "第1版に戻しました" in operator.get(f"{LETTER}/versions").text


def test_who_is_overtaken_gets_the_others_draft(place: Place, operator: Browser) -> None:
    seen = read_draft(operator)["version"]
    change(place.sit(Role.ADMINISTRATOR), sealed=True)
    answer = operator.post(f"{LETTER}/draft", json={"document": read_draft(operator)["document"], "seen": seen})
    assert answer.status_code == 409
    assert answer.json()["document"]["sealed"] is True


def test_each_editor_of_a_draft_is_on_record_once_and_who_discards_it(place: Place, operator: Browser) -> None:
    for name in ("春", "夏", "秋"):
        change(operator, name={"ja": name, "en": name})
    change(place.sit(Role.ADMINISTRATOR), sealed=True)
    change(operator, sealed=False)
    seen = read_draft(operator)["version"]
    assert operator.post(f"{LETTER}/discard", data={"seen": str(seen)}).status_code == 303
    change(operator, sealed=True)
    wanted = select(AuditEntry.tag, AuditEntry.actor_id).where(AuditEntry.shop_id == place.shop_id)
    with session_scope([place.shop_id]) as session:
        found = session.execute(wanted.where(AuditEntry.tag.like("documents:draft:%")).order_by(AuditEntry.id)).all()
    assert [tag.rpartition(":")[2] for tag, _ in found] == ["edited", "edited", "discarded", "edited"]
    assert [actor == operator.user.id for _, actor in found] == [True, False, True, True]


def test_a_template_is_the_start_of_one_in_the_other_language(place: Place, operator: Browser) -> None:
    form = {"name_ja": "秋の手紙", "name_en": "Autumn letter"}
    path = operator.post(f"{LETTER}/copy", data=form).headers["location"].removesuffix("/edit")
    assert "英語の帳票を作る" in operator.get(f"{path}/versions").text
    made = operator.post(f"{path}/translate")
    english = path.removesuffix("/ja") + "/en"
    assert made.headers["location"] == f"{english}/edit"
    ours, theirs = read_draft(operator, path)["document"], read_draft(operator, english)["document"]
    assert (theirs["language"], theirs["name"]) == ("en", ours["name"])
    assert (theirs["elements"], theirs["flow"], list(theirs["slots"])) == (
        ours["elements"],
        ours["flow"],
        list(ours["slots"]),
    )
    findings = preview(operator, theirs, english).json()["findings"]
    told = {finding["text"] for finding in findings if finding["code"] == "foreign_text"}
    assert {"「御礼」は日本語のままです。", "「お客様におすすめの品」は日本語のままです。"} <= told
    # A second time the draft that is there is replaced, by whoever has seen it.
    assert operator.post(f"{path}/translate").status_code == 409
    assert "英語の下書きに写す" in operator.get(f"{path}/versions").text
    change(operator, path, sealed=True)
    seen = read_draft(operator, english)["version"]
    assert operator.post(f"{path}/translate", data={"seen": str(seen)}).status_code == 303
    assert read_draft(operator, english)["document"]["sealed"] is True
    assert operator.post(f"{path}/translate", data={"seen": str(seen)}).status_code == 409
    assert place.sit(Role.CUSTOMER_SUCCESS).post(f"{path}/translate").status_code == 403


def test_every_fault_is_told_at_its_place_and_nothing_is_published(operator: Browser) -> None:
    elements = [{"type": "text", "width": 500, "text": "{nobody}", "style": "nothing"}]
    document = change(operator, elements=elements)
    page = operator.get(f"{LETTER}/publish").text
    for place_of_fault in ("elements[0].width", "elements[0].style", "elements[0].text"):
        assert place_of_fault in page
    assert 'id="publish"' not in page
    seen = read_draft(operator)["version"]
    assert operator.post(f"{LETTER}/publish", data={"seen": str(seen)}).status_code == 422
    answer = preview(operator, document).json()
    assert {problem["place"] for problem in answer["problems"]} >= {"elements[0].style", "elements[0].text"}
    assert "pages" not in answer


def test_a_preview_draws_the_rest_and_names_what_is_wrong(operator: Browser) -> None:
    document = read_draft(operator)["document"]
    body = {"size": 10, "color": "#dddddd"}
    elements = [
        {"type": "text", "x": 20, "y": 20, "width": 10, "text": "入りきらない長い文", "style": "faint"},
        {"type": "text", "x": 20, "y": 30, "width": 50, "text": "𓀀", "style": "faint"},
        {"type": "text", "x": 0.5, "y": 40, "width": 50, "text": "端", "style": "faint"},
    ]
    changed = {**document, "styles": {**document["styles"], "faint": body}, "elements": elements}
    answer = preview(operator, changed).json()
    assert answer["pages"][0].startswith("data:image/png;base64,")
    found = {(finding["place"], finding["code"]) for finding in answer["findings"]}
    assert {
        ("elements[0]", "overflow"),
        ("elements[1]", "missing_glyph"),
        ("elements[2]", "unprintable_margin"),
        ("elements[2]", "low_contrast"),
    } <= found
    marks = {mark[0]: mark[1:] for mark in answer["marks"]}
    assert marks["elements[2]"][:3] == [1, 0.5, 40]


def test_a_shipments_data_are_shown_to_operators_and_on_record(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    [shipment_id] = take_order(place.shop, run_jobs, make_order())
    with session_scope([place.shop_id]) as session:
        number = session.get_one(Shipment, shipment_id).number
    document = read_draft(operator, SLIP)["document"]
    for data in ({"data": "shipment", "shipment": number}, {"data": "longest"}):
        answer = preview(operator, document, SLIP, **data)
        assert answer.status_code == 200, answer.text
        assert answer.json()["findings"] is not None
    assert number in preview(operator, document, SLIP, data="longest").json()["notes"][0]
    assert preview(operator, document, SLIP, data="shipment", shipment="S-99999999").status_code == 422
    administrator = place.sit(Role.ADMINISTRATOR)
    assert preview(administrator, document, SLIP).status_code == 200
    assert preview(administrator, document, SLIP, data="longest").status_code == 403
    with session_scope([place.shop_id]) as session:
        read = select(AuditEntry.subject_id).where(AuditEntry.tag == "documents:preview:read")
        # A preview is drawn with every change; that it was seen is written once.
        assert list(session.scalars(read)) == [shipment_id]


def test_pictures_are_drawn_anew_and_refused_with_the_reason(place: Place, operator: Browser) -> None:
    upload = "/templates/pictures"
    answer = operator.post(upload, data={"use": "shop_logo"}, files={"picture": ("logo.png", picture())})
    assert answer.status_code == 303, answer.text
    svg = operator.post(upload, files={"picture": ("logo.png", b"<svg onload='alert(1)'/>")})
    assert svg.status_code == 422
    assert "SVGはプログラムを含められる" in svg.text
    bomb = operator.post(f"{upload}/upload", files={"picture": ("big.png", picture(size=(7000, 10)))})
    assert bomb.status_code == 422
    with session_scope([place.shop_id]) as session:
        [stored] = list_pictures(session, place.shop_id)
        assert (stored.key, stored.width_px) == ("shop_logo", 40)
        logo = get_template(session, place.shop_id, "packing_slip", "ja").compiled.pictures
        assert list(logo) == ["shop_logo"]
    assert operator.post("/templates/pictures/shop_logo/remove").status_code == 303


def test_print_uses_what_was_published_and_says_which_version(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    change(operator, SLIP, name={"ja": "新しい納品書", "en": "New slip"})
    seen = read_draft(operator, SLIP)["version"]
    operator.post(f"{SLIP}/publish", data={"seen": str(seen)})
    [shipment_id] = take_order(place.shop, run_jobs, make_order())
    print_all(place.shop, run_jobs)
    with session_scope([place.shop_id]) as session:
        live = get_template(session, place.shop_id, "packing_slip", "ja")
        printed = select(Copy.template_version_id).where(Copy.shipment_id == shipment_id, Copy.kind == "packing_slip")
        assert (live.number, session.scalars(printed).all()) == (2, [live.version_id])


def test_a_template_of_ones_own_is_copied(operator: Browser) -> None:
    page = operator.get(f"{LETTER}/versions").text
    assert f"{LETTER}/copy" in page
    answer = operator.post(f"{LETTER}/copy", data={"name_ja": "", "name_en": "x"})
    assert answer.status_code == 422
    answer = operator.post(f"{LETTER}/copy", data={"name_ja": "写し", "name_en": "Copy"})
    draft = read_draft(operator, str(answer.headers["location"]).removesuffix("/edit"))
    assert (draft["document"]["name"]["ja"], draft["live_number"]) == ("写し", None)


def test_a_template_is_begun_from_the_gallery_and_thrown_away(operator: Browser) -> None:
    names = {"name_ja": "私の手紙", "name_en": "My letter"}
    answer = operator.post("/templates/gallery/thank_you_letter/ja/copy", data=names)
    path = str(answer.headers["location"]).removesuffix("/edit")
    assert "私の手紙" in operator.get("/templates").text
    assert operator.get(f"{path}/small.png").headers["content-type"] == "image/png"
    seen = read_draft(operator, path)["version"]
    assert operator.post(f"{path}/discard", data={"seen": str(seen)}).status_code == 303
    assert operator.get(f"{path}/draft").status_code == 404
