"""Proven rules to start from: what each needs, what the shop has for it, and the rule that comes of the choices."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from core.auth.roles import Access, Role
from core.errors import InvalidInputError, NotFoundError
from core.web import SessionDep, require
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.errors import GalleryChoiceError
from personalization.gallery.service import NeedWords, Offer, fill, list_gallery, suggest_choices
from warehouse_ui.forms import name_problems
from warehouse_ui.i18n import get_language, gettext
from warehouse_ui.rules.draft import load_draft

router = APIRouter(prefix="/rules/gallery", include_in_schema=False)

Operator = Annotated[Access, require(Role.OPERATOR)]


class ChoicesIn(BaseModel):
    choices: dict[str, Any]


@router.get("")
def show_gallery(_access: Operator) -> dict[str, Any]:
    entries = list_gallery(get_language())
    return {
        "entries": [
            {
                "key": entry.key,
                "icon": entry.icon,
                "name": entry.name,
                "about": entry.about,
                "at_top": entry.at_top,
                "kinds": [str(need.kind) for need in entry.needs],
            }
            for entry in entries
        ]
    }


@router.get("/{key}")
def show_needs(key: str, access: Operator, session: SessionDep) -> dict[str, Any]:
    """Answer with what the entry needs, and for each need what the shop has."""
    entry = next((each for each in list_gallery(get_language()) if each.key == key), None)
    if entry is None:
        raise NotFoundError("The gallery has no such rule.", key=key)
    catalogue = load_rule_catalogue(session, access.shop_id)
    offers = suggest_choices(session, access.shop_id, key, catalogue, get_language())
    return {"needs": [_show_need(need, offers.get(need.key)) for need in entry.needs]}


def _show_need(need: NeedWords, offer: Offer | None) -> dict[str, Any]:
    shown = {name: getattr(need, name) for name in ("key", "kind", "label", "hint", "optional", "low", "high")}
    options = None if offer is None else [{"value": value, "label": label} for value, label in offer.options]
    return {**shown, "default": need.default if offer is None else offer.suggested, "options": options}


@router.post("/{key}")
def make_rule(key: str, given: ChoicesIn, access: Operator, session: SessionDep) -> dict[str, Any]:
    """Answer with the rule; the browser puts it into the draft."""
    catalogue = load_rule_catalogue(session, access.shop_id)
    taken = frozenset(str(rule.get("key")) for rule in load_draft(session, access.shop_id).rules)
    try:
        return {"rule": fill(key, given.choices, catalogue, taken=taken)}
    except GalleryChoiceError as error:
        label = error.details["label_ja" if get_language() == "ja" else "label_en"]
        told = gettext("「%(label)s」を選んでください。") % {"label": label}
        if error.problem is not None:
            told = name_problems([error.problem], lambda _: str(label))[0]
        raise InvalidInputError(told, field=error.need) from None
