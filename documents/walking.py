"""Goes through the elements of a template, those in groups included."""

from collections.abc import Iterable, Iterator

from documents.patterns import list_fields
from documents.templates import AnyElement, Group, Template


def walk_elements(template: Template) -> Iterator[tuple[str, AnyElement]]:
    """Give each element with its place, for example `flow.elements[2].elements[0]`."""
    yield from _walk("elements", template.elements)
    if template.flow is not None:
        yield from _walk("flow.elements", template.flow.elements)


def _walk(place: str, elements: Iterable[AnyElement]) -> Iterator[tuple[str, AnyElement]]:
    for number, element in enumerate(elements):
        where = f"{place}[{number}]"
        yield where, element
        if isinstance(element, Group):
            yield from _walk(where + ".elements", element.elements)


def list_used_slots(template: Template) -> dict[str, list[str]]:
    """Return slot → places of the elements that show it, in the order of the template."""
    used: dict[str, list[str]] = {}
    for place, element in walk_elements(template):
        if isinstance(element, Group):
            continue
        pattern = str(getattr(element, "text", ""))
        slot = getattr(element, "slot", None)
        for name in dict.fromkeys([*list_fields(pattern), *([slot] if slot else [])]):
            used.setdefault(name, []).append(place)
    return used
