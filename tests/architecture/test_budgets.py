"""Sizes: above the limit a file or function is split by subject; the limit is not raised."""

from typing import Final

from tests.architecture.sources import list_files, list_functions, list_python, read

SOURCE_LINES: Final = 400
TEST_LINES: Final = 500
FUNCTION_LINES: Final = 60
TEMPLATE_LINES: Final = 150
# What ruff measures (complexity 8, seven parameters) may not be waved through.
WAVED_THROUGH: Final = ("C901", "PLR0913")


def count_lines(text: str) -> int:
    return len(text.splitlines())


def test_files_stay_within_their_budget() -> None:
    scripts = [path for path in list_files() if path.suffix in {".ts", ".css"}]
    too_long = []
    for path in [*list_python(), *scripts]:
        is_test = path.parts[0] == "tests" or path.name.endswith(".test.ts")
        lines = count_lines(read(path))
        if lines > (TEST_LINES if is_test else SOURCE_LINES):
            too_long.append(f"{path}: {lines}")
    assert not too_long, "\n".join(too_long)


def test_functions_stay_within_their_budget() -> None:
    too_long = []
    for path in list_python():
        for function in list_functions(path):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES:
                too_long.append(f"{path}:{function.lineno} {function.name}: {lines}")
    assert not too_long, "\n".join(too_long)


def test_templates_stay_within_their_budget() -> None:
    templates = [path for path in list_files() if path.suffix in {".html", ".jinja", ".j2"}]
    too_long = [f"{path}: {count_lines(read(path))}" for path in templates if count_lines(read(path)) > TEMPLATE_LINES]
    assert not too_long, "\n".join(too_long)


def test_no_function_is_excused_from_the_budgets() -> None:
    excused = [
        f"{path}:{number}"
        for path in list_python()
        for number, line in enumerate(read(path).splitlines(), 1)
        if "noqa" in line and any(code in line for code in WAVED_THROUGH) and path.name != "test_budgets.py"
    ]
    assert not excused, "\n".join(excused)
