"""Writes docs/facts.md from the catalogue: `python -m personalization.facts.document docs/facts.md`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from personalization.conditions.explanation import UNITS
from personalization.conditions.operators import list_operators
from personalization.facts.catalogue import FACTS, GROUPS
from personalization.facts.fact import AS_OF_WORDS, Fact

HEAD: Final = """# Facts / 判定データ

What a rule may ask about. Generated from the catalogue (`python -m personalization.facts.document docs/facts.md`).
How a condition is written stands in [rules.md](rules.md).
"""


def write_document() -> str:
    """Return the page: one table per group of facts."""
    parts = [HEAD, *_write_sources()]
    for group, (ja, en) in GROUPS.items():
        facts = [fact for fact in FACTS.values() if fact.group == group]
        parts.append(f"\n## {ja} / {en} ({len(facts)})\n")
        parts.append("| fact | type | 日本語 | English | parameters | example | as of |")
        parts.append("| --- | --- | --- | --- | --- | --- | --- |")
        parts.extend(_write_fact(fact) for fact in facts)
    parts.append("\n## Operators by type\n")
    for kind in dict.fromkeys(fact.type for fact in FACTS.values()):
        parts.append(f"- {kind}: {', '.join(f'`{operator.key}`' for operator in list_operators(kind))}")
    return "\n".join(parts) + "\n"


def _write_sources() -> Iterator[str]:
    yield "\n| as of | 日本語 | English |"
    yield "| --- | --- | --- |"
    for source, (ja, en) in AS_OF_WORDS.items():
        yield f"| {source} | {ja} | {en} |"


def _write_fact(fact: Fact) -> str:
    unit = UNITS.get(fact.unit or "")
    kind = f"{fact.type} ({unit[1].strip()})" if unit else str(fact.type)
    if fact.choices:
        kind += ": " + ", ".join(f"`{choice.value}` {choice.ja}" for choice in fact.choices)
    parameters = ", ".join(f"`{p.key}`{' (needed)' if p.required else ''} {p.ja}" for p in fact.parameters) or "—"
    example = f"`{json.dumps(fact.example, ensure_ascii=False)}`"
    words = f"**{fact.ja}** {fact.about_ja} | **{fact.en}** {fact.about_en}"
    return f"| `{fact.key}` | {kind} | {words} | {parameters} | {example} | {fact.source} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(write_document(), encoding="utf-8")
