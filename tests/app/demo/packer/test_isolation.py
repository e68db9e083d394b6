"""The packer is outside: whatever it knows it has read, scanned or been told over HTTP."""

import os
import subprocess
import sys

from app.supervisor.children import ROOT

LIST_MODULES = "import sys, app.demo.packer.__main__; print(*{name.partition('.')[0] for name in sys.modules})"


def test_the_packers_process_loads_nothing_of_the_program_and_no_database_driver() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES], env=environment, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"app", "httpx", "pypdfium2", "zxingcpp"} <= loaded
    program = {"core", "crm_link", "orders", "personalization", "documents", "fulfillment", "warehouse_ui"}
    assert not loaded & (program | {"sqlalchemy", "psycopg", "redis"})
