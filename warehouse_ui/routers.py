"""The routers of all screens, for `app` to include."""

from typing import Final

from fastapi import APIRouter, Depends, Request

from warehouse_ui.i18n import LANGUAGE_COOKIE, LANGUAGES, choose_language
from warehouse_ui.routes import (
    account,
    attention,
    audit,
    backtests,
    bench,
    coupons,
    customers,
    event_people,
    event_questions,
    events,
    experiments,
    files,
    imports,
    inserts,
    invoices,
    landing,
    landing_choice,
    law,
    print_runs,
    printers,
    rule_editor,
    rule_figures,
    rule_gallery,
    rule_releases,
    rule_versions,
    rules,
    session,
    shipment_acts,
    shipments,
    shop_profile,
    shops,
    template_editor,
    template_pictures,
    template_versions,
    templates,
    users,
    wave_carriers,
    wave_papers,
    wave_reprints,
    waves,
    what_if,
    why,
)

_SCREENS: Final = (
    session.router,
    landing.router,
    landing_choice.router,
    shops.router,
    account.router,
    files.router,
    bench.router,
    invoices.router,
    shipments.router,
    shipment_acts.router,
    why.router,
    waves.router,
    wave_carriers.router,
    wave_papers.router,
    wave_reprints.router,
    print_runs.router,
    printers.router,
    customers.router,
    events.router,
    event_questions.router,
    event_people.router,
    imports.router,
    backtests.router,
    rule_figures.router,
    what_if.router,
    rule_editor.router,
    rule_gallery.router,
    rule_versions.router,
    rule_releases.router,
    rules.router,
    inserts.router,
    template_pictures.router,
    templates.router,
    template_editor.router,
    template_versions.router,
    coupons.router,
    law.router,
    experiments.router,
    attention.router,
    users.router,
    shop_profile.router,
    audit.router,
)


async def speak(request: Request) -> None:
    """Settle the reader's language before anything says a word. Async, so that the endpoint's thread inherits it."""
    choose_language(request)
    request.state.language_is_switched = request.cookies.get(LANGUAGE_COOKIE) in LANGUAGES


def _gather() -> APIRouter:
    screens = APIRouter(dependencies=[Depends(speak)])
    for router in _SCREENS:
        screens.include_router(router)
    return screens


ROUTERS: Final = (_gather(),)
