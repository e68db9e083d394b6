"""What the doctor says of the machine."""

from pathlib import Path

import pytest

from app.doctor.findings import Level
from app.doctor.machine import check_data_folder, check_fonts, check_front_end, check_python, check_secret, check_space
from core.settings import Settings


def test_an_old_python_is_named_with_what_to_do() -> None:
    finding = check_python((3, 10, 12))
    assert finding.level is Level.BAD
    assert finding.found == "3.10.12"
    assert "3.11" in finding.advice


def test_a_data_folder_that_is_to_be_made_is_good(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "not" / "there" / "yet")
    assert check_data_folder(settings).level is Level.GOOD
    assert check_space(settings).level in (Level.GOOD, Level.NOTE)


def test_a_data_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere, so the answer of the system is given here.
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    finding = check_data_folder(Settings(data_dir=tmp_path / "data"))
    assert finding.level is Level.BAD
    assert str(tmp_path) in finding.advice


def test_a_front_end_and_fonts_that_were_not_built_are_told(tmp_path: Path) -> None:
    assert check_front_end(tmp_path).level is Level.BAD
    assert check_fonts(tmp_path).level is Level.BAD


def test_a_checkout_after_setup_has_front_end_and_fonts() -> None:
    assert check_front_end().level is Level.GOOD
    assert check_fonts().level is Level.GOOD


def test_a_secret_of_its_own_is_noted_outside_production() -> None:
    assert check_secret(Settings(secret_key=None)).level is Level.NOTE
    assert check_secret(Settings(secret_key="a long enough secret")).level is Level.GOOD
