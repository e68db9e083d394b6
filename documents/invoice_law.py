"""What the law asks of invoices: the form of the issuer's number, and what a template has to show.

消費税法 第57条の4: 第1項 適格請求書, 第2項 適格簡易請求書, 第3項 適格返還請求書.
"""

import re
import unicodedata
from collections.abc import Iterator

from documents.errors import TemplateProblem
from documents.templates import Kind, Template
from documents.walking import list_used_slots

_NUMBER = re.compile(r"T[0-9]{13}")
_ALWAYS = ("shop_name", "shop_registration_number", "transaction_on", "lines", "tax_rows")
REQUIRED: dict[Kind, tuple[str, ...]] = {
    Kind.INVOICE: (*_ALWAYS, "invoice_addressee"),
    Kind.SIMPLIFIED_INVOICE: _ALWAYS,
    Kind.RETURN_INVOICE: (*_ALWAYS, "returned_on"),
}
INVOICES = frozenset((Kind.INVOICE, Kind.SIMPLIFIED_INVOICE))


def read_registration_number(text: str) -> str | None:
    """Return T and thirteen digits of any written form (full width, spaces, hyphens); None when it is no such number.

    Nothing is said about whether it was issued: that only the register knows.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    number = re.sub(r"[\s\-‐−ー]", "", plain)
    return number if _NUMBER.fullmatch(number) else None


def check_law(template: Template) -> Iterator[TemplateProblem]:
    """Find what an invoice would have to show, and does not always."""
    shown = list_used_slots(template)
    for name in REQUIRED.get(template.kind, ()):
        spec = template.slots.get(name)
        if spec is None or not spec.required or name not in shown:
            yield TemplateProblem(
                f"slots.{name}",
                "law",
                f"インボイスには「{name}」が必ず必要です(消費税法第57条の4)",
                f"An invoice has to show “{name}” always (Consumption Tax Act, article 57-4)",
            )
