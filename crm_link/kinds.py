"""The closed lists of crm_link: kinds of touchpoints, purposes, consent states, care flags."""

from enum import StrEnum


class TouchpointKind(StrEnum):
    PURCHASE = "purchase"
    CAMPAIGN = "campaign"
    CAMPAIGN_RESPONSE = "campaign_response"
    SUPPORT_TICKET = "support_ticket"
    SURVEY = "survey"
    SALES_ACTIVITY = "sales_activity"
    WEB = "web"
    ATTENDANCE = "attendance"
    PARCEL = "parcel"
    QR_VISIT = "qr_visit"


class TouchpointState(StrEnum):
    """`superseded` rows are earlier versions of the same touchpoint, kept for what was known at a past moment."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class Purpose(StrEnum):
    """What personal data may be used for. Serving the order itself needs no entry here."""

    PERSONALISATION = "personalisation"  # history chooses what is enclosed
    MARKETING = "marketing"  # advertising inserts, samples and coupons
    LETTER = "letter"  # a letter that speaks of the person's history
    MEASUREMENT = "measurement"  # QR visits and experiments tied to the person
    CRM_FEEDBACK = "crm_feedback"  # what was enclosed is told to the CRM system


class ConsentState(StrEnum):
    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


class CareKind(StrEnum):
    ALLERGY = "allergy"
    NO_SAMPLES = "no_samples"
    NO_LETTERS = "no_letters"
    NO_INSERTS = "no_inserts"
    DO_NOT_SEND = "do_not_send"
    CHECK_BY_HAND = "check_by_hand"


class AttributeType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


class KeyKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
