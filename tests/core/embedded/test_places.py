"""Where the embedded services keep their things."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from core.embedded.places import LONGEST_SOCKET_FOLDER, Places, make_private


def test_sockets_lie_in_the_data_folder_where_its_path_is_short() -> None:
    assert Places(Path("/var/soegaki")).sockets == Path("/var/soegaki/run/sockets")


def test_sockets_of_a_long_data_folder_lie_in_a_short_one_of_its_own() -> None:
    one, other = Places(Path("/var") / ("a" * 200)), Places(Path("/var") / ("b" * 200))
    assert len(str(one.sockets)) <= LONGEST_SOCKET_FOLDER
    assert one.sockets != other.sockets
    assert one.sockets == Places(one.data_dir).sockets


def test_the_address_of_the_database_survives_odd_names() -> None:
    places = Places(Path("/var/it's a shop & 店"))
    assert make_url(places.database_url()).query["host"] == str(places.postgres_sockets)


def test_a_private_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(PermissionError, match="SOEGAKI_DATA_DIR"):
        make_private(tmp_path / "link")


def test_a_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
