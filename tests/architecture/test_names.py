"""Names and the shape of files."""

import ast
import sys
from typing import Final

import pytest

from tests.architecture.sources import FOLDERS, PACKAGES, ROOT, list_files, list_python, parse

REFUSED: Final = {"utils", "util", "helpers", "helper", "common", "misc"}
LONGEST_DOCSTRING: Final = 5


def test_the_top_level_has_its_folders_and_no_other() -> None:
    found = {path.parts[0] for path in list_files() if len(path.parts) > 1}
    assert found <= set(FOLDERS)


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    assert not [path for path in list_files() if REFUSED & {part.partition(".")[0] for part in path.parts}]


def test_no_package_hides_a_module_of_the_standard_library() -> None:
    """A file inside a package may be called `calendar`; a top-level module may not."""
    tops = {path.parts[0].partition(".")[0] for path in list_python()}
    assert not tops & sys.stdlib_module_names


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_of_a_package_is_named_like_a_module_of_the_standard_library(package: str) -> None:
    named = [path for path in list_python(package) if path.stem in sys.stdlib_module_names]
    assert not [path for path in named if path.parts[0] == package]


def test_every_module_says_in_a_few_lines_what_it_owns() -> None:
    wrong = []
    for path in list_python():
        docstring = ast.get_docstring(parse(path))
        if not docstring or len(docstring.splitlines()) > LONGEST_DOCSTRING:
            wrong.append(str(path))
    assert not wrong, "\n".join(wrong)


def test_an_init_file_holds_one_docstring_and_no_code() -> None:
    assert not [path for path in list_python() if path.name == "__init__.py" and len(parse(path).body) != 1]


def test_every_folder_with_python_is_a_package() -> None:
    folders = {path.parent for path in list_python() if len(path.parts) > 1}
    assert not [folder for folder in folders if not (ROOT / folder / "__init__.py").exists()]


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = []
    for path in list_python():
        for function in ast.walk(parse(path)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
                hidden += [f"{path}:{node.lineno}" for node in inner]
    assert not hidden, "\n".join(sorted(set(hidden)))
