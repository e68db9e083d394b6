"""Where a demo keeps its data, and what it refuses to touch."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from app.demo.folders import DemoState, ForeignFolderError, Progress, prepare_folder, read_state, write_state
from app.demo.shop_setup import DemoShop

SHOP = DemoShop(UUID(int=1), UUID(int=2), "shizuku", "shizukudo.myshopify.com", "/hooks/shopify/x", "hush")


def test_an_empty_folder_begins_a_demo_and_only_its_owner_may_read_the_secret(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert prepare_folder(folder, "face").progress is Progress.SEEDING
    assert (folder / "demo.json").stat().st_mode & 0o077 == 0


def test_a_seeded_demo_is_found_again(tmp_path: Path) -> None:
    prepare_folder(tmp_path, "face")
    state = DemoState("face", Progress.SEEDED, SHOP)
    write_state(tmp_path, state)
    assert read_state(tmp_path) == prepare_folder(tmp_path, "face") == state


def test_a_demo_that_broke_off_while_seeding_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    prepare_folder(folder, "face")
    (folder / "postgres").mkdir()
    assert prepare_folder(folder, "face").progress is Progress.SEEDING
    assert not (folder / "postgres").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ForeignFolderError):
        prepare_folder(tmp_path, "face")
    assert (tmp_path / "thesis.txt").exists()


def test_a_demo_of_the_other_shop_is_left_alone(tmp_path: Path) -> None:
    prepare_folder(tmp_path, "face")
    write_state(tmp_path, replace(DemoState("face", Progress.OPEN), shop=SHOP))
    with pytest.raises(ForeignFolderError):
        prepare_folder(tmp_path, "volume")
