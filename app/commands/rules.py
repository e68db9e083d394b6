"""`soegaki rules`, `soegaki inserts`, `soegaki replay`: rules and inserts from files, and the proof of past
decisions.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select

from app.console import choose, say
from app.program import running_program
from core.auth.places import find_place
from core.context import Actor, using_context
from core.db import session_scope, system_scope
from core.errors import InvalidInputError
from fulfillment.rule_catalogue import load_rule_catalogue
from personalization.inserts import save_inserts
from personalization.models import Decision
from personalization.problems import Problem
from personalization.publishing import check_ruleset, publish_ruleset
from personalization.replaying import ReplayState, replay

rules = typer.Typer(help="ルール / Rules.", no_args_is_help=True)
inserts = typer.Typer(help="同梱物 / Inserts.", no_args_is_help=True)
ShopArgument = Annotated[str, typer.Argument(help="店舗 / shop")]
FileArgument = Annotated[Path, typer.Argument(help="JSON (docs/rules.md)", exists=True, dir_okay=False)]


def register(cli: typer.Typer) -> None:
    cli.add_typer(rules, name="rules")
    cli.add_typer(inserts, name="inserts")
    cli.command("replay")(replay_decisions)


@rules.command()
def check(shop: ShopArgument, file: FileArgument) -> None:
    """公開せずに調べる / Check a ruleset without publishing it."""
    document = _read_json(file)
    with running_program():
        shop_id = _find_shop(shop)
        with session_scope([shop_id]) as session:
            problems = check_ruleset(session, shop_id, document, load_rule_catalogue(session, shop_id))
    _refuse(problems)
    say("このルールは公開できます。", "These rules may be published.")


@rules.command()
def publish(
    shop: ShopArgument, file: FileArgument, note: Annotated[str, typer.Option(help="変更の理由 / why")] = ""
) -> None:
    """ルールを公開する。誤りがあれば何も変わらない / Publish a ruleset; with a mistake nothing changes."""
    document = _read_json(file)
    with running_program(), using_context(actor=Actor("command")):
        shop_id = _find_shop(shop)
        with session_scope([shop_id]) as session:
            catalogue = load_rule_catalogue(session, shop_id)
            _refuse(check_ruleset(session, shop_id, document, catalogue))
            version = publish_ruleset(session, shop_id, document, catalogue, author="command", note=note)
    say(f"ルール第{version.number}版を公開しました。", f"Version {version.number} of the rules is live.")


@inserts.command()
def load(shop: ShopArgument, file: FileArgument) -> None:
    """同梱物を登録・変更する / Add or change inserts."""
    document = _read_json(file)
    with running_program(), using_context(actor=Actor("command")):
        shop_id = _find_shop(shop)
        with session_scope([shop_id]) as session:
            count = save_inserts(session, shop_id, document)
    say(f"同梱物 {count} 件を登録しました。", f"{count} inserts are on record.")


def replay_decisions(
    shop: ShopArgument, limit: Annotated[int, typer.Option(min=1, help="新しいほうから / newest first")] = 1000
) -> None:
    """過去の判定をやり直し、同じ結果か確かめる / Take past decisions again and compare."""
    counts: Counter[ReplayState] = Counter()
    with running_program():
        shop_id = _find_shop(shop)
        for decision_id in _list_decisions(shop_id, limit):
            with session_scope([shop_id]) as session:
                state = replay(session, decision_id).state
            counts[state] += 1
            if state is ReplayState.DIFFERENT:
                print(f"different\t{decision_id}")
    print(json.dumps({state.value: counts[state] for state in ReplayState}))
    if counts[ReplayState.DIFFERENT]:
        raise typer.Exit(1)


def _list_decisions(shop_id: UUID, limit: int) -> list[UUID]:
    statement = select(Decision.id).where(Decision.shop_id == shop_id).order_by(Decision.id.desc()).limit(limit)
    with session_scope([shop_id]) as session:
        return list(session.scalars(statement))


def _find_shop(slug: str) -> UUID:
    with system_scope() as session:
        shop_id = find_place(session, slug).shop_id
    if shop_id is None:
        raise InvalidInputError("Name a shop.", field="shop")
    return shop_id


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInputError(f"{file} is no JSON: {error}", field="file") from None


def _refuse(problems: list[Problem]) -> None:
    """Print every mistake with its place, and end."""
    for problem in problems:
        print(f"{problem.place}\t{problem.code}\t{choose(problem.ja, problem.en)}")
    if problems:
        raise typer.Exit(1)
