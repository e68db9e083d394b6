"""What would this customer get now, with this basket? A small form for the telephone; nothing is ordered or kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from core.audit.service import record
from core.auth.roles import Access, Role
from core.errors import InvalidInputError
from core.web import SessionDep, require
from crm_link.queries import get_profile
from crm_link.searching import search_customers
from fulfillment.backtest.what_if import BasketIn, BasketLine, Question, WhatIf, ask_what_if
from orders.catalogue.models import Product
from orders.catalogue.queries import find_products_by_code, load_products
from personalization.conditions.explanation import ValueKind
from personalization.errors import RulesetError
from personalization.inserts import load_inserts
from warehouse_ui.forms import FormDep, read_count, read_text
from warehouse_ui.i18n import get_language, gettext
from warehouse_ui.navigation import CUSTOMERS
from warehouse_ui.rules.changes import tell_problems
from warehouse_ui.rules.draft import load_draft
from warehouse_ui.rules.value_lists import find_products
from warehouse_ui.shop_names import name_services
from warehouse_ui.templating import render
from warehouse_ui.why import list_in_order

router = APIRouter(prefix="/what-if", include_in_schema=False)

Office = Annotated[Access, require(*CUSTOMERS)]
ROWS: Final = 6
OFFERED: Final = 500
FOUND: Final = 10
NAMED: Final = 5


@dataclass
class Asked:
    """What stands in the form: (goods, quantity) per row."""

    rows: list[tuple[str, str]] = field(default_factory=lambda: [("", "1")] * ROWS)
    service: str = ""
    cycle: str = ""
    is_gift: bool = False
    by_draft: bool = False


@router.get("")
def show_form(
    request: Request, access: Office, session: SessionDep, customer: UUID | None = None, q: str = ""
) -> Response:
    return _show(request, access, session, customer, Asked(), q=q.strip())


@router.post("")
def ask(request: Request, access: Office, session: SessionDep, form: FormDep) -> Response:
    customer_id, asked = _read_id(read_text(form, "customer")), _read(form)
    asked.by_draft = asked.by_draft and access.principal.has_role(access.shop_id, Role.OPERATOR)
    document = load_draft(session, access.shop_id).document if asked.by_draft else None
    try:
        basket = _make_basket(session, access.shop_id, asked, form)
        question = Question(customer_id=customer_id, basket=basket, document=document)
        found = ask_what_if(session, access.shop_id, question, get_language())
    except RulesetError as error:
        problems = tell_problems(document or {}, error.problems)
        return _show(request, access, session, customer_id, asked, problems=problems)
    except InvalidInputError as error:
        wrong = {str(error.details.get("field")): error.message}
        return _show(request, access, session, customer_id, asked, wrong=wrong)
    return _show(request, access, session, customer_id, asked, found=found)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInputError(gettext("顧客を選んでください。"), field="customer") from None


def _read(form: FormData) -> Asked:
    return Asked(
        [(read_text(form, f"goods-{row}"), read_text(form, f"quantity-{row}")) for row in range(ROWS)],
        read_text(form, "service"),
        read_text(form, "cycle"),
        bool(read_text(form, "gift")),
        bool(read_text(form, "draft")),
    )


def _make_basket(session: Session, shop_id: UUID, asked: Asked, form: FormData) -> BasketIn:
    named = {row: goods for row, (goods, _) in enumerate(asked.rows) if goods}
    if not named:
        raise InvalidInputError(gettext("商品を1つは入れてください。"), field="goods-0")
    skus = _find_skus(session, shop_id, named)
    lines = [BasketLine(sku=skus[row], quantity=_read_quantity(form, row)) for row in named]
    cycle = read_count(form, "cycle") if asked.cycle else None
    return BasketIn(
        lines=lines, is_gift=asked.is_gift, delivery_service=asked.service or None, subscription_cycle=cycle or None
    )


def _read_quantity(form: FormData, row: int) -> int:
    quantity = read_count(form, f"quantity-{row}")
    if not 1 <= quantity <= 10_000:
        raise InvalidInputError(gettext("数量は1以上を入れてください。"), field=f"goods-{row}")
    return quantity


def _find_skus(session: Session, shop_id: UUID, named: Mapping[int, str]) -> dict[int, str]:
    """Return the SKU for what was typed: a SKU, a barcode, or the name that the list offers."""
    codes = {row: goods.partition(" ")[0] for row, goods in named.items()}
    ids = find_products_by_code(session, shop_id, {*codes.values(), *named.values()})
    products = load_products(session, shop_id, set(ids.values()))
    by_name = {
        product.name: product.sku
        for product in session.scalars(
            select(Product).where(Product.shop_id == shop_id, Product.name.in_(named.values()))
        )
    }
    found = {}
    for row, goods in named.items():
        product_id = ids.get(goods) or ids.get(codes[row])
        sku = products[product_id].sku if product_id else by_name.get(goods)
        found[row] = sku or _find_by_words(session, shop_id, goods, f"goods-{row}")
    return found


def _find_by_words(session: Session, shop_id: UUID, goods: str, place: str) -> str:
    """Return the one product whose name has these words; otherwise raise InvalidInputError that names some."""
    alike = find_products(session, shop_id, goods)
    if len(alike) == 1:
        return alike[0].value
    if not alike:
        sentence = gettext("「%(goods)s」という商品は見つかりません。SKUかバーコードでも入れられます。")
        raise InvalidInputError(sentence % {"goods": goods}, field=place)
    sentence = gettext("「%(goods)s」は%(count)s件あります。どれか選んでください: %(names)s")
    names = " / ".join(f"{each.value} {each.label}" for each in alike[:NAMED])
    raise InvalidInputError(sentence % {"goods": goods, "count": len(alike), "names": names}, field=place)


def _show(
    request: Request,
    access: Access,
    session: Session,
    customer_id: UUID | None,
    asked: Asked,
    *,
    found: WhatIf | None = None,
    q: str = "",
    **more: Any,
) -> Response:
    shop_id = access.shop_id
    profile = get_profile(session, shop_id, customer_id) if customer_id else None
    if profile is not None:
        record(session, "crm_link:customer:read", shop_id=shop_id, subject_id=profile.customer.id)
    values = {
        "customer": profile.customer if profile else None,
        "card": profile.cards[0] if profile and profile.cards else None,
        "people": _search(session, shop_id, q) if q and profile is None else [],
        "q": q,
        "asked": asked,
        "goods": _offer(session, shop_id) if profile else [],
        "services": name_services(session, shop_id) if profile else {},
        "found": found,
        "rules": list_in_order(found.told) if found else [],
        "letter": _name_letter(found) if found else "",
        "inserts": _name_inserts(session, shop_id) if found else {},
        "may_draft": access.principal.has_role(shop_id, Role.OPERATOR),
        "problems": [],
        "wrong": {},
        **more,
    }
    return render(request, "pages/what_if.html", access, session, status=422 if more else 200, **values)


def _search(session: Session, shop_id: UUID, query: str) -> Any:
    rows = search_customers(session, shop_id, query, limit=FOUND).rows
    record(session, "crm_link:customers:search", shop_id=shop_id, details={"rows": len(rows)})
    return rows


def _offer(session: Session, shop_id: UUID) -> list[str]:
    """Return goods for the list under the field, each as SKU and name."""
    wanted = select(Product.sku, Product.name, Product.name_en).where(Product.shop_id == shop_id)
    japanese = get_language() == "ja"
    rows = session.execute(wanted.order_by(Product.sku).limit(OFFERED))
    return [f"{sku} {name if japanese or not name_en else name_en}" for sku, name, name_en in rows]


def _name_letter(found: WhatIf) -> str:
    letter = found.plan.letter
    if letter is None or letter.template is None:
        return ""
    words = found.told.names.say(ValueKind.TEMPLATE, letter.template)
    return words.ja if get_language() == "ja" else words.en


def _name_inserts(session: Session, shop_id: UUID) -> dict[str, str]:
    japanese = get_language() == "ja"
    return {key: each.name_ja if japanese else each.name_en for key, each in load_inserts(session, shop_id).items()}
