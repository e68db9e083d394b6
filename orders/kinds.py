"""The closed lists of orders that are not part of a normalised order."""

from enum import StrEnum


class ContactRole(StrEnum):
    BUYER = "buyer"
    RECIPIENT = "recipient"
    SENDER = "sender"


class OrderChangeKind(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    RECHECKED = "rechecked"  # nothing new was told, but a product became known or the like


class EventState(StrEnum):
    """`failed` events wait for a person: mended and retried, or left. `ignored` ones hold nothing we work."""

    RECEIVED = "received"
    WORKED = "worked"
    FAILED = "failed"
    IGNORED = "ignored"


class CodeKind(StrEnum):
    SKU = "sku"
    GTIN = "gtin"
    ALIAS = "alias"


class LetterClass(StrEnum):
    """郵便法 第4条: what a printed thing is, and the most that a delivery service may carry."""

    NONE = "none"
    COVER_NOTE = "cover_note"  # 添え状・送り状: short, tied to this consignment, unsealed
    CORRESPONDENCE = "correspondence"  # 信書 beyond that
