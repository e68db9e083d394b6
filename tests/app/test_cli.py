"""The command line: what people see of it."""

import pytest
import typer
from typer.testing import CliRunner

from app.cli import COMMANDS, make_cli, run_command
from app.console import say
from core.errors import ConflictError
from core.settings import get_settings


def test_the_help_names_every_command_that_must_keep_working() -> None:
    shown = CliRunner().invoke(make_cli(), ["--help"]).stdout
    for name in COMMANDS:
        assert f" {name} " in shown, name


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_found_by_its_own_module_alone(name: str) -> None:
    done = CliRunner().invoke(make_cli(name), [name, "--help"])
    assert done.exit_code == 0, done.output
    assert name in done.stdout


def test_an_expected_failure_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing = typer.Typer()

    @failing.command()
    def fail() -> None:
        raise ConflictError("Somebody was first.")

    with pytest.raises(SystemExit) as ended:
        run_command(lambda: failing([], standalone_mode=False))
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
