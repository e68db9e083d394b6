"""`soegaki predictions`: fit the models of a shop now or for past months, and list them."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from app.console import choose
from app.program import running_program
from core import clock
from core.auth.places import find_place
from core.context import Actor, using_context
from core.db import session_scope, system_scope
from core.errors import InvalidInputError
from core.tenancy import get_shop
from personalization.prediction.errors import REFUSALS
from personalization.prediction.fitting import FitOutcome, fit_models
from personalization.prediction.queries import list_models

predictions = typer.Typer(help="予測 / Predictions.", no_args_is_help=True)
ShopArgument = Annotated[str, typer.Argument(help="店舗 / shop")]


def register(cli: typer.Typer) -> None:
    cli.add_typer(predictions, name="predictions")


@predictions.command()
def fit(
    shop: ShopArgument,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="この日以降の各月初にも / also at the start of each month since"),
    ] = None,
) -> None:
    """今までに知り得たことで予測モデルを作る / Fit the models on what is known until now.

    With --since, also as they would have been at past moments, for backtests: each sees only what was known then.
    """
    with running_program(), using_context(actor=Actor("command")):
        shop_id = _find_shop(shop)
        with session_scope([shop_id]) as session:
            moments = list(list_moments(since.date() if since else None, get_shop(session, shop_id).zone))
        for moment in moments:
            with session_scope([shop_id]) as session:
                for outcome in fit_models(session, shop_id, moment):
                    _tell(outcome)


@predictions.command("list")
def list_fitted(shop: ShopArgument) -> None:
    """作られた予測モデルの一覧 / The models that were fitted, newest first."""
    with running_program():
        shop_id = _find_shop(shop)
        with session_scope([shop_id]) as session:
            for model in list_models(session, shop_id):
                shown = json.dumps(model.refused or model.parameters, ensure_ascii=False)
                print(f"{model.known_until.isoformat()}\t{model.kind}\t{model.customers}\t{shown}")


def list_moments(since: date | None, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the start of each month since a day, and now."""
    now = clock.now()
    if since is not None:
        months = range(since.year * 12 + since.month - 1, now.year * 12 + now.month)
        starts = (datetime.combine(date(number // 12, number % 12 + 1, 1), time(), zone) for number in months)
        yield from (start for start in starts if since <= start.date() and start < now)
    yield now


def _tell(outcome: FitOutcome) -> None:
    day = outcome.known_until.date().isoformat()
    if outcome.refused is None:
        print(f"{day}\t{outcome.kind}\t{outcome.customers}\t{json.dumps(dict(outcome.parameters))}")
        return
    ja, en = (words.format(**outcome.refused) for words in REFUSALS[str(outcome.refused["code"])])
    print(f"{day}\t{outcome.kind}\t{outcome.customers}\t{choose(ja, en)}")


def _find_shop(slug: str) -> UUID:
    with system_scope() as session:
        shop_id = find_place(session, slug).shop_id
    if shop_id is None:
        raise InvalidInputError("Name a shop.", field="shop")
    return shop_id
