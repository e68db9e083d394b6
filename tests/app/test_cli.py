"""The command line: what people see of it."""

import pytest
import typer
from typer.testing import CliRunner

from app import cli as command_line
from app.console import say
from core.errors import ConflictError
from core.settings import get_settings


def test_the_help_names_every_command_that_must_keep_working() -> None:
    shown = CliRunner().invoke(command_line.cli, ["--help"]).stdout
    for name in ("serve", "web", "worker", "keeper", "migrate", "doctor", "demo"):
        assert f" {name} " in shown, name


def test_an_expected_failure_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = typer.Typer()

    @failing.command()
    def fail() -> None:
        raise ConflictError("Somebody was first.")

    monkeypatch.setattr(command_line, "cli", lambda: failing([], standalone_mode=False))
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "エラー [conflict]: Somebody was first.\n"


def test_the_command_line_speaks_english_when_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOEGAKI_DEFAULT_LANGUAGE", "en")
    get_settings.cache_clear()
    say("起動", "Starting")
    monkeypatch.undo()
    get_settings.cache_clear()
    assert capsys.readouterr().err == "Starting\n"
