"""`soegaki doctor`: what is wrong, and what to do."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from app.console import choose
from app.doctor.findings import Finding, Level
from app.doctor.service import examine

SIGNS = {Level.GOOD: "✓", Level.NOTE: "・", Level.BAD: "✗"}


def register(cli: typer.Typer) -> None:
    cli.command()(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="プログラム向け / For programs")] = False) -> None:
    """自己診断: どこが悪く、どうすればよいか / What is wrong, and what to do."""
    findings = examine()
    if as_json:
        print(json.dumps([asdict(each) for each in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(format_finding(finding))
    if any(each.level is Level.BAD for each in findings):
        raise typer.Exit(1)
    if not as_json:
        print(choose("問題は見つかりませんでした。", "Nothing is wrong."))


def format_finding(finding: Finding) -> str:
    line = f"{SIGNS[finding.level]} {finding.subject}: {finding.found}"
    return f"{line}\n    → {finding.advice}" if finding.advice else line
