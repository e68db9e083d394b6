"""What rules add to a box that is not the whole of its orders: the rest of a split one, or what is sent again. Pure."""

from typing import Final

from personalization.plan import ActionKind, Reason
from personalization.requests import DecisionRequest, Part
from personalization.rulesets.ruleset import Action, Rule

# These belong to every box: its slip, how it is treated, what is to be done with it.
OF_EVERY_BOX: Final = frozenset(
    {ActionKind.SLIP, ActionKind.FLAG, ActionKind.TAG, ActionKind.PRIORITY, ActionKind.HOLD, ActionKind.TASK}
)
WRITTEN: Final = frozenset({ActionKind.LETTER, ActionKind.MESSAGE})


def find_left_out(request: DecisionRequest, rule: Rule, action: Action) -> Reason | None:
    """Return why this action does not act on this box, if it does not.

    A rule's words stay with the things they may speak of: a message is kept where its rule adds nothing else.
    """
    if request.part is Part.WHOLE:
        return None
    if request.part is Part.CHOSEN:
        return None if _belongs_to_chosen(request, rule, action) else Reason.CHOSEN_BY_PERSON
    return None if action.kind in OF_EVERY_BOX or _is_plain_message(rule, action) else Reason.IN_FIRST_BOX


def _is_plain_message(rule: Rule, action: Action) -> bool:
    return action.kind is ActionKind.MESSAGE and all(
        other.kind in OF_EVERY_BOX or other.kind is ActionKind.MESSAGE for other in rule.then
    )


def _belongs_to_chosen(request: DecisionRequest, rule: Rule, action: Action) -> bool:
    """Things are only those that were chosen; words, where wanted, those of rules whose things were chosen as well."""
    if action.kind in OF_EVERY_BOX:
        return action.kind is not ActionKind.TASK
    chosen = {given.insert_key for given in request.again}
    things = [each for each in rule.then if each.kind not in OF_EVERY_BOX | WRITTEN]
    return action.kind in WRITTEN and request.with_letter and all(each.insert_key in chosen for each in things)
