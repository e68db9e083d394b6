"""`soegaki audit`: is the record of who did what whole?"""

from typing import Annotated

import typer

from app.console import choose, say
from app.program import running_program
from core.audit.chain import Break, BrokenLink
from core.audit.verifying import verify_chain
from core.db import system_scope

audit = typer.Typer(help="監査記録 / The record of who did what.", no_args_is_help=True)
WORDS = {
    Break.SEAL_MISSING: ("封印がない、または順序が違う", "a seal is missing or out of order"),
    Break.SEAL_CHANGED: ("封印が書き換えられている", "the seal was changed"),
    Break.SEAL_UNLINKED: ("前の封印とつながらない", "the seal does not follow the one before"),
    Break.ENTRY_CHANGED: ("記録が書き換えられている", "an entry was changed"),
    Break.ENTRY_DELETED: ("記録が消されている", "an entry was deleted"),
    Break.ENTRY_INSERTED: ("封印後に記録が差し込まれている", "an entry was slipped in after sealing"),
    Break.ENTRY_MOVED: ("記録が別の封印に移されている", "an entry was moved to another seal"),
    Break.HEAD_MISSING: (
        "控えた末尾が見つからない。末尾が切り取られている",
        "the noted head is gone: the end was cut off",
    ),
}


def register(cli: typer.Typer) -> None:
    cli.add_typer(audit, name="audit")


@audit.callback()
def _group() -> None:
    """Keep `verify` a sub-command although it is the only one."""


@audit.command()
def verify(
    expect: Annotated[str | None, typer.Option(help="前に控えた末尾 / the head noted earlier (number:hash)")] = None,
) -> None:
    """鎖をたどり、最初に壊れたところを示す / Walk the chain and name the first broken link."""
    with running_program(), system_scope() as session:
        found = verify_chain(session, expected_head=expect)
    if found.broken is not None:
        print(describe(found.broken), flush=True)
        raise typer.Exit(1)
    say(
        f"正常です。封印 {found.seals} 件、記録 {found.entries} 件、未封印 {found.unsealed} 件。末尾を控えてください:",
        f"Whole: {found.seals} seals, {found.entries} entries, {found.unsealed} not sealed yet. Note the head:",
    )
    print(found.head, flush=True)


def describe(link: BrokenLink) -> str:
    entry = f" entry={link.entry_id}" if link.entry_id else ""
    position = f" position={link.position}" if link.position is not None else ""
    return f"seal={link.seal_number}{entry}{position} {link.kind.value}: {choose(*WORDS[link.kind])}"
