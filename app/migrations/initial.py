"""Writes the first revision out from the models: `make initial-revision`. Only until the first release; after it,
revisions add up.

Databases made before by an earlier first revision have to be made anew: remove their data folder.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import make_url

from app.migrations.service import FOLDER, check_models, make_config, migrate
from core.embedded.lease import Lease
from core.embedded.places import find_places

REVISION = "0001"
NAME = FOLDER / "versions" / f"{REVISION}_initial.py"


def write_initial() -> None:
    """Replace the first revision, then prove on an empty database that it makes what the models say."""
    with tempfile.TemporaryDirectory(prefix="soegaki-revision-") as folder:
        places = find_places(Path(folder))
        lease = Lease(places, ["postgres"])
        lease.take()
        try:
            url = make_url(places.database_url()).set(drivername="postgresql+psycopg")
            NAME.unlink(missing_ok=True)
            command.revision(make_config(url), message="initial", autogenerate=True, rev_id=REVISION)
            subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", NAME], check=True)
            migrate(url)
            check_models(url)
        finally:
            lease.release()


if __name__ == "__main__":
    write_initial()
