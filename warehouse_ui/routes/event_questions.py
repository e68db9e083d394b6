"""Rows of lists that wait for a person: one at a time beside the members it may be, answered with one button."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from core.audit.service import record
from core.auth.roles import Access
from core.errors import AppError, InvalidInputError
from core.tenancy import get_shop
from core.web import SessionDep, require
from crm_link.queries import list_identities
from fulfillment.bulk_events.errors import QuestionAnsweredError
from fulfillment.bulk_events.kinds import Answer
from fulfillment.bulk_events.models import BulkEvent
from fulfillment.bulk_events.questions import AnswerIn, Question, answer_question, count_questions, list_questions
from fulfillment.bulk_events.service import get_event
from warehouse_ui.answers import go_to
from warehouse_ui.error_words import describe_error
from warehouse_ui.events.comparing import compare
from warehouse_ui.forms import FormDep, read_text
from warehouse_ui.i18n import gettext
from warehouse_ui.navigation import CUSTOMERS, EVENTS
from warehouse_ui.templating import render

router = APIRouter(prefix="/events", include_in_schema=False)

Organising = Annotated[Access, require(*EVENTS)]
Place = tuple[UUID, int]


def _read_place(text: str) -> Place | None:
    """Return the row that an address names; None for what names none."""
    upload, _, number = text.rpartition("~")
    try:
        return UUID(upload), int(number)
    except ValueError:
        return None


def _write_place(question: Question) -> str:
    return f"{question.upload_id}~{question.number}"


@router.get("/{event_key}/questions")
def show_question(
    request: Request, event_key: str, access: Organising, session: SessionDep, after: str = ""
) -> Response:
    """The next waiting row after the one named; what was passed over comes again at the end."""
    event = get_event(session, access.shop_id, event_key)
    question = _find_next(session, access, event, _read_place(after))
    if question is None and after:
        return go_to(f"/events/{event.key}/questions")
    return _show(request, access, session, event, question, after=after)


def _find_next(session: Session, access: Access, event: BulkEvent, after: Place | None) -> Question | None:
    return next(iter(list_questions(session, access.shop_id, event.id, after=after, limit=1)), None)


def _show(
    request: Request, access: Access, session: Session, event: BulkEvent, question: Question | None, **more: Any
) -> Response:
    shop_id = access.shop_id
    record(session, "fulfillment:event:read_questions", shop_id=shop_id, subject_id=event.id)
    country = get_shop(session, shop_id).country
    values = {
        "event": event,
        "question": question,
        "lines": compare(question, country, _find_numbers(session, event, question)) if question else [],
        "left": count_questions(session, shop_id, event.id),
        "place": _write_place(question) if question else "",
        "may_open": access.principal.has_role(shop_id, *CUSTOMERS),
        "after": "",
        "error": "",
        "wrong": "",
        **more,
    }
    return render(request, "pages/event_questions.html", access, session, **values)


def _find_numbers(session: Session, event: BulkEvent, question: Question) -> dict[UUID, str]:
    """Return the candidates' member numbers in the system whose numbers the lists bear; of several the row's own."""
    found = {}
    for each in question.candidates:
        identities = list_identities(session, event.shop_id, each.customer_id)
        numbers = [one.external_id for one in identities if one.source == event.member_source]
        said = question.said.get("member_id")
        found[each.customer_id] = said if said in numbers else ", ".join(numbers)
    return {customer_id: number for customer_id, number in found.items() if number}


@router.post("/{event_key}/questions/{upload_id}/{number}")
def answer(
    request: Request,
    event_key: str,
    upload_id: UUID,
    number: int,
    access: Organising,
    session: SessionDep,
    form: FormDep,
) -> Response:
    """Take the answer and go on to the next row. What cannot be done is said at the row."""
    event = get_event(session, access.shop_id, event_key)
    after = read_text(form, "after")
    try:
        # What an answer had made before it proved impossible is undone with it.
        with session.begin_nested():
            answer_question(session, event, upload_id, number, _read_answer(form))
    except QuestionAnsweredError as error:
        question = _find_next(session, access, event, _read_place(after))
        values = {"after": after, "error": describe_error(error), "status": error.status_code}
        return _show(request, access, session, event, question, **values)
    except AppError as error:
        # The row itself is the first one at or after its own place.
        question = _find_next(session, access, event, (upload_id, number - 1))
        values = {"after": after, "error": _describe(error), "wrong": error.details.get("field", "")}
        return _show(request, access, session, event, question, status=error.status_code, **values)
    return go_to(
        f"/events/{event.key}/questions" + (f"?after={after}" if _read_place(after) else ""), "question_answered"
    )


def _read_answer(form: FormData) -> AnswerIn:
    """Return what the pressed button says: `same_person:<customer>`, `another_person` or `leave_out`."""
    text, _, customer = read_text(form, "answer").partition(":")
    try:
        customer_id = UUID(customer) if customer else None
        return AnswerIn(answer=Answer(text), customer_id=customer_id, reason=read_text(form, "reason"))
    except ValueError:
        raise InvalidInputError(gettext("どの答えかを選んでください。"), field="answer") from None


def _describe(error: AppError) -> str:
    if error.details.get("field") == "reason":
        return gettext("送らない理由を入力してください。")
    return describe_error(error)
