"""On which pages of a printed file each copy stands, however it was turned, separated and laid onto sheets. Pure.

The same counting as in `documents.imposing`; a test compares the two.
"""

from collections.abc import Iterable

from documents.file_options import Duplex, LabelSheet, Separator
from fulfillment.printers.choices import Choices
from fulfillment.printers.media import SHEETS


def find_pages(copies: Iterable[tuple[str, int]], choices: Choices) -> list[tuple[int, int]]:
    """Return first and last page (from 1) of each copy, given as (its group, its pages) in the order of the file."""
    if choices.sheet is None:
        return _page_by_page(copies, choices)
    return _on_sheets(copies, choices, SHEETS[choices.sheet].sheet)


def _page_by_page(copies: Iterable[tuple[str, int]], choices: Choices) -> list[tuple[int, int]]:
    has_backs = choices.duplex is not Duplex.SIMPLEX
    count, before = 0, ""
    places = []
    for group, pages in copies:
        if group != before and choices.separator is not Separator.NONE:
            count += (count % 2 if has_backs else 0) + 1
        before = group
        count += count % 2 if has_backs else 0
        places.append((count + 1, count + pages))
        count += pages
    return places


def _on_sheets(copies: Iterable[tuple[str, int]], choices: Choices, sheet: LabelSheet) -> list[tuple[int, int]]:
    sides = 1 if choices.duplex is Duplex.SIMPLEX else 2
    count, taken, free, before = 0, 0, sheet.count - (choices.start - 1), ""
    places = []
    for group, pages in copies:
        if group != before and choices.separator is not Separator.NONE:
            count += (sides if taken else 0) + sides
            free, taken = (sheet.count, 0) if taken else (free, 0)
        before = group
        own = []
        for _ in range(-(-pages // sides)):
            own.append(count + 1)
            taken += 1
            if taken == free:
                count, taken, free = count + sides, 0, sheet.count
        places.append((own[0], own[-1] + sides - 1))
    return places
