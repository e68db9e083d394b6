"""`make bench`: every measurement one after the other, and one table of what came out beside the goals."""

import importlib
import json
import pkgutil
import subprocess
import sys
from typing import Any

import bench
from bench.harness import HERE, Goal

# A look, not a record: fewer and shorter runs than a measurement alone takes.
SHORT = ("--json", "--runs", "3", "--seconds", "5")


def find_benches() -> dict[str, tuple[Goal, ...]]:
    """Return the goals of every module of this package that states some."""
    names = sorted(found.name for found in pkgutil.iter_modules(bench.__path__) if not found.name.startswith("_"))
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module.GOALS for name, module in modules.items() if hasattr(module, "GOALS")}


def run_bench(name: str) -> dict[str, Any]:
    """Run one in a process of its own; its last line is its result."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *SHORT], cwd=HERE, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    benches = find_benches()
    width = max(len(goal.text) for goals in benches.values() for goal in goals)
    for name, goals in benches.items():
        print(f"{name} …", file=sys.stderr)
        result = run_bench(name)
        for goal in goals:
            value = result[goal.key]
            mark = "" if not str(goal) else "✓" if goal.is_met(value) else "—"
            print(f"{name:<10} {goal.text:<{width}} {value:>12,.2f}  {goal!s:<10} {mark}", flush=True)


if __name__ == "__main__":
    main()
