"""The explanation of a shipment's decision, or why there is none to show."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.errors import ErasedError
from personalization.errors import DecisionNotFoundError
from personalization.explaining import DecisionExplanation, explain
from warehouse_ui.i18n import get_language


def explain_decision(
    session: Session, shop_id: UUID, shipment_id: UUID
) -> dict[str, DecisionExplanation | bool | None]:
    """Return what the page's fragment wants: the explanation, or that it was erased, or neither."""
    try:
        return {"decision": explain(session, shop_id, shipment_id, get_language()), "decision_erased": False}
    except DecisionNotFoundError:
        return {"decision": None, "decision_erased": False}
    except ErasedError:
        return {"decision": None, "decision_erased": True}
