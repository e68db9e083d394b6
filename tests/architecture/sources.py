"""The files that the rules of the house are checked on."""

import ast
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = (
    "core",
    "crm_link",
    "orders",
    "personalization",
    "documents",
    "fulfillment",
    "warehouse_ui",
    "app",
)
FOLDERS: Final = (*PACKAGES, "tests", "bench", "docs", ".ci")


@lru_cache
def list_files() -> tuple[Path, ...]:
    """Return every file that is committed or about to be, relative to the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(Path(line) for line in sorted(listed.splitlines()) if (ROOT / line).is_file())


def list_python(*folders: str) -> list[Path]:
    """Return the Python files of these top folders (all, if none is named), but not the generated revisions."""
    wanted = folders or (*PACKAGES, "tests", "bench")
    found = [
        path for path in list_files() if path.suffix == ".py" and (path.parts[0] in wanted or len(path.parts) == 1)
    ]
    return [path for path in found if path.parts[:3] != ("app", "migrations", "versions")]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@lru_cache(maxsize=2000)
def parse(path: Path) -> ast.Module:
    return ast.parse(read(path))


def list_functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in _walk_statements(parse(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _walk_statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands below, without what stands within a line: a fifth of all nodes."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, part, None)
        for child in inner if isinstance(inner, list) else ():
            yield child
            yield from _walk_statements(child)
