"""Where the codes on printed papers lead: address, campaign names, for how long; and how often they are opened."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from core import clock
from core.auth.roles import Access, Role
from core.tenancy import Shop, get_shop
from core.web import SessionDep, require
from fulfillment.landing.addresses import LandingError, build_address
from fulfillment.landing.queries import Paper, list_figures, list_papers
from fulfillment.landing.service import LONGEST_DAYS, Choice, ChoiceOvertakenError, Target, load_choice, save_choice
from warehouse_ui.answers import go_to
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext, mark
from warehouse_ui.templating import render

router = APIRouter(prefix="/landing", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]
LOOK_BACK_DAYS: Final = 30
REASONS: Final = {
    "not_https": mark("https:// で始まるアドレスにしてください。"),
    "no_host": mark("どこのページか分かりません。https://example.com/… のように入力してください。"),
    "has_sign_in": mark("利用者名やパスワードの入ったアドレスは使えません。"),
    "unfit_character": mark("空白や改行、アドレスに使えない文字が入っています。"),
    "too_long": mark("長すぎます。%(limit)s文字までです。"),
    "own_address": mark("添え書き自身のアドレスです。お店のページのアドレスにしてください。"),
    "unknown_placeholder": mark(
        "「%(placeholder)s」は使えません。使えるのは {shop} {template} {language} {month} です。"
    ),
    "placeholder_in_host": mark("差し込みは、アドレスの「/」より後ろでだけ使えます。"),
    "bad_port": mark("アドレスの形が正しくありません。"),
    "out_of_range": mark("1から%(limit)sまでの日数にしてください。空欄なら期限なしです。"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One template on the screen: what it has of its own, and where it leads in the end."""

    paper: Paper
    target: Target
    leads_to: str
    visits: int
    known: int


@router.get("")
def show_choice(request: Request, access: Operator, session: SessionDep) -> Response:
    return _show(request, access, session, load_choice(session, access.shop_id))


@router.post("")
def save(request: Request, access: Operator, session: SessionDep, form: FormDep) -> Response:
    papers = list_papers(session, access.shop_id)
    choice, wrong = _read_choice(form, [paper.key for paper in papers])
    seen = read_text(form, "version")
    seen_version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    try:
        if not wrong:
            save_choice(session, access.shop_id, choice, seen_version=seen_version)
    except LandingError as error:
        wrong = {str(error.details["field"]): _tell(error)}
    except ChoiceOvertakenError:
        session.rollback()
        return _show(request, access, session, choice, {}, status=409, is_overtaken=True)
    if wrong:
        session.rollback()
        return _show(request, access, session, choice, wrong, status=422)
    return go_to("/landing", "landing_saved")


def _read_choice(form: FormDep, keys: list[str]) -> tuple[Choice, dict[str, str]]:
    """Return what was entered, and what is wrong by field."""
    days = read_text(form, "expires_after_days")
    wrong = {}
    if days and not (days.isdecimal() and len(days) <= 6):
        wrong = {"expires_after_days": _tell(LandingError("expires_after_days", "out_of_range", limit=LONGEST_DAYS))}
    choice = Choice(
        address=read_text(form, "address"),
        source=read_text(form, "source"),
        medium=read_text(form, "medium"),
        campaign=read_text(form, "campaign"),
        content=read_text(form, "content"),
        expires_after_days=int(days) if days and not wrong else None,
        granted_only=read_text(form, "granted_only") == "1",
        targets={key: Target(*(read_text(form, f"{key}:{name}") for name in Target.__slots__)) for key in keys},
    )
    return choice, wrong


def _tell(error: LandingError) -> str:
    text = REASONS[str(error.details["reason"])]
    return gettext(text) % error.details


def _show(
    request: Request,
    access: Access,
    session: Session,
    choice: Choice,
    wrong: dict[str, str] | None = None,
    *,
    status: int = 200,
    is_overtaken: bool = False,
) -> Response:
    shop = get_shop(session, access.shop_id)
    today = clock.now().astimezone(shop.zone).date()
    values = {
        "choice": choice,
        "wrong": wrong or {},
        "is_overtaken": is_overtaken,
        # Who saves again after seeing the notice has seen that version.
        "version": load_choice(session, access.shop_id).version,
        "lines": _list_lines(session, shop, choice, today),
        "days": LOOK_BACK_DAYS,
    }
    return render(request, "pages/landing_choice.html", access, session, status=status, **values)


def _list_lines(session: Session, shop: Shop, choice: Choice, today: date) -> list[Line]:
    figures = list_figures(session, shop.id, today - timedelta(days=LOOK_BACK_DAYS - 1))
    lines = []
    for paper in list_papers(session, shop.id):
        key, found = paper.key, figures.get(paper.key)
        visits, known = (found.visits, found.known) if found else (0, 0)
        leads_to = _preview(shop, choice, key, today)
        lines.append(Line(paper, choice.targets.get(key, Target()), leads_to, visits, known))
    return lines


def _preview(shop: Shop, choice: Choice, template_key: str, today: date) -> str:
    """Return where a copy that left today leads; nothing while what was entered is no address."""
    values = {"shop": shop.slug, "template": template_key, "language": shop.language, "month": f"{today:%Y-%m}"}
    target = choice.address_of(template_key)
    try:
        return build_address(target, choice.campaign_of(template_key), values) if target else ""
    except ValueError:
        return ""
