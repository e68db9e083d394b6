"""Makes a checkout ready to run: virtual environment, locked packages, the `soegaki` command, front end, fonts.

Run by `make` with any Python from 3.11 on; needs nothing else. Steps whose inputs did not change are skipped.
"""

# A Python that is too old must get as far as being told so.
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
# What a set needs is also in every larger one, in the same versions.
SETS = {"demo": "requirements-demo.txt", "dev": "requirements-dev.txt", "bench": "requirements-bench.txt"}
OLDEST_PYTHON = (3, 11)
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def fail(text: str) -> None:
    sys.exit(f"\nsetup: {text}")


def run(*command: str | Path) -> None:
    """Run a step; its own output is its explanation when it fails."""
    if subprocess.run(list(map(str, command)), cwd=ROOT, env=make_variables(), check=False).returncode != 0:
        fail(f"this step failed: {' '.join(map(str, command))}")


def run_counting(command: Sequence[str | Path], total: int) -> None:
    """Run pip, telling how far it is; all it said is shown when it fails."""
    heard, count = [], 0
    with subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=make_variables(), stdout=subprocess.PIPE, text=True
    ) as pip:
        for line in pip.stdout or ():
            heard.append(line)
            count += line.startswith("Collecting ")
            if line.startswith("Collecting ") and count % 20 == 0:
                say(f"  {count} of about {total} packages")
            elif line.startswith("Installing collected"):
                say("  all fetched; installing")
    if pip.returncode != 0:
        print("".join(heard[-40:]))
        fail(f"this step failed: {' '.join(map(str, command))}")


def make_variables() -> dict[str, str]:
    variables = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUTF8": "1"}
    # A setting that forbids writing byte code would make every start of the program slow.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


def hash_file(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def is_done(step: str, state: str) -> bool:
    stamp = ENVIRONMENT / f".soegaki-{step}"
    return stamp.exists() and stamp.read_text(encoding="ascii") == state


def mark_done(step: str, state: str) -> None:
    (ENVIRONMENT / f".soegaki-{step}").write_text(state, encoding="ascii")


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        fail(f"Python {sys.version.split()[0]} is too old: Soegaki needs 3.11 or newer (make PYTHON=python3.12 …).")


def make_environment() -> None:
    """Make .venv with pip in it; one that is half made or of a Python that is gone is made anew."""
    if PYTHON.exists() and has_pip(PYTHON):
        return
    say(f"virtual environment: .venv with Python {sys.version.split()[0]}")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, ImportError, SystemExit):
        make_environment_without_ensurepip()


def make_environment_without_ensurepip() -> None:
    """Debian leaves ensurepip out of its python3; a pip that is installed can serve the environment as well."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if not has_pip(sys.executable):
        fail("this Python has neither ensurepip nor pip. On Debian or Ubuntu: apt-get install python3-venv")
    venv.create(ENVIRONMENT, with_pip=False, symlinks=True)
    run(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip")


def has_pip(python: str | Path) -> bool:
    question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pip') is None)"
    return subprocess.run([python, "-c", question], capture_output=True, check=False).returncode == 0


def install_packages(name: str) -> None:
    state = hash_file(SETS[name])
    if is_done(name, state):
        return
    say(f"Python packages: the locked set of {SETS[name]} (a few minutes the first time)")
    # Byte code is left to the first import: most of what is installed is never imported.
    command = [PYTHON, "-m", "pip", "install", "--progress-bar=off", "--no-compile"]
    safe = ["--require-hashes", "--only-binary=:all:"]
    run_counting([*command, *safe, "-r", SETS[name]], (ROOT / SETS[name]).read_text(encoding="ascii").count("=="))
    mark_done(name, state)
    # A larger set brings the smaller ones along.
    for smaller in list(SETS)[: list(SETS).index(name)]:
        mark_done(smaller, hash_file(SETS[smaller]))


def install_command() -> None:
    state = hash_file("pyproject.toml")
    if is_done("command", state):
        return
    say("the command: .venv/bin/soegaki")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--editable", ".")
    mark_done("command", state)


def lock() -> None:
    """Write every lock file anew, without any registry's address, so that it serves every machine."""
    extras = {
        "requirements-dev.txt": ("demo", "build", "dev"),
        "requirements-bench.txt": ("demo", "build", "dev", "bench"),
        "requirements-demo.txt": ("demo", "build"),
        "requirements.txt": (),
    }
    options = (
        "--universal",
        "--python-version=3.11",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-header",
        "--no-annotate",
    )
    for target, names in extras.items():
        chosen = [f"--extra={name}" for name in names]
        # The largest set is solved first; the smaller ones follow it.
        bound = [] if target == "requirements-dev.txt" else ["--constraint=requirements-dev.txt"]
        run(
            PYTHON,
            "-m",
            "uv",
            "pip",
            "compile",
            "pyproject.toml",
            "--quiet",
            *options,
            *chosen,
            *bound,
            "--output-file",
            target,
        )
    run(PYTHON, "frontend.py", "lock")


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "dev"
    if name == "lock":
        lock()
        return
    if name not in SETS:
        fail(f"unknown set {name}: one of {', '.join(SETS)}")
    check_python()
    make_environment()
    install_packages(name)
    install_command()
    run(PYTHON, "frontend.py")
    say("ready")


if __name__ == "__main__":
    main()
