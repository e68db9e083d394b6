"""Failures of personalization."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from personalization.problems import Problem


class RulesetError(InvalidInputError):
    """The document has mistakes; `problems` names each with place and reason. Nothing was changed."""

    code = "broken_ruleset"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:20]), count=len(problems))
        self.problems = list(problems)


class InsertError(InvalidInputError):
    """The list of inserts has mistakes; `problems` names each with place and reason. Nothing was changed."""

    code = "broken_inserts"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:20]), count=len(problems))
        self.problems = list(problems)


class UnknownInsertError(NotFoundError):
    code = "unknown_insert"

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"There is no insert {', '.join(sorted(keys))}.")


class DecisionNotFoundError(NotFoundError):
    code = "decision_not_found"

    def __init__(self, what: UUID) -> None:
        super().__init__("Nothing was decided for this shipment yet.", id=str(what))


class VersionNotFoundError(NotFoundError):
    code = "version_not_found"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no version {number} of the ruleset.")


class AllotmentNotFoundError(NotFoundError):
    code = "allotment_not_found"

    def __init__(self, ids: Sequence[UUID]) -> None:
        super().__init__("These allotments do not belong to the shipment.", ids=[str(i) for i in ids])


class PackedTooMuchError(InvalidInputError):
    code = "packed_too_much"

    def __init__(self, allotment_id: UUID, promised: int) -> None:
        super().__init__(f"At most {promised} pieces were promised.", allotment_id=str(allotment_id))


class OvertakenError(ConflictError):
    """Somebody packed or froze what was about to be given to an older order. Trying again sees it."""

    code = "overtaken"
    permanent = False


class DraftOvertakenError(ConflictError):
    """Another editor saved the draft since it was opened."""

    code = "draft_overtaken"

    def __init__(self, saved_by: str | None) -> None:
        super().__init__("The draft was changed by somebody else meanwhile.", saved_by=saved_by)


class GalleryEntryNotFoundError(NotFoundError):
    code = "gallery_entry_not_found"

    def __init__(self, key: str) -> None:
        super().__init__(f"The gallery has no rule {key}.", key=key)


class GalleryChoiceError(InvalidInputError):
    """A choice is missing or wrong: `need` names it, `reason` is missing or the code of the problem."""

    code = "gallery_choice"

    def __init__(self, need: str, problem: Problem | None, label_ja: str, label_en: str) -> None:
        reason = "missing" if problem is None else problem.code
        said = "missing" if problem is None else problem.en
        super().__init__(f"{label_en}: {said}.", need=need, reason=reason, label_ja=label_ja, label_en=label_en)
        self.need, self.reason, self.problem = need, reason, problem


class ApprovalNeededError(ConflictError):
    """This shop's rules are published only after a second person approved them."""

    code = "approval_needed"

    def __init__(self) -> None:
        super().__init__("A second person must approve these rules: submit them.")


class NothingToPublishError(ConflictError):
    code = "nothing_to_publish"

    def __init__(self) -> None:
        super().__init__("There is nothing to publish: these rules are live already.")


class ReleaseNotFoundError(NotFoundError):
    code = "release_not_found"

    def __init__(self, release_id: UUID) -> None:
        super().__init__("There is no such release.", id=str(release_id))


class ReleaseStateError(ConflictError):
    """Somebody else was first, or it is too late for this."""

    code = "release_state"

    def __init__(self, state: str) -> None:
        super().__init__(f"The release is {state} by now.", state=state)


class OwnReleaseError(ForbiddenError):
    code = "own_release"

    def __init__(self) -> None:
        super().__init__("Nobody approves what they submitted themselves; a program approves nothing.")


class LiveChangedError(ConflictError):
    """The live version is another one than the person compared with."""

    code = "live_changed"

    def __init__(self, live_number: int | None) -> None:
        super().__init__("Other rules became live meanwhile: look at the differences again.", live=live_number)


class ReleaseChangedError(ConflictError):
    """What is stored is not what was submitted, or not what the person looked at."""

    code = "release_changed"

    def __init__(self) -> None:
        super().__init__("These are not the rules that were submitted and looked at.")


class MomentError(InvalidInputError):
    """`reason`: unreadable, past, or does not exist (the clocks go forward over it)."""

    code = "bad_moment"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This moment cannot be used: {reason}.", reason=reason)
        self.reason = reason


class ScheduleTakenError(ConflictError):
    """Something later is scheduled already, and would be undone by what comes before it."""

    code = "schedule_taken"

    def __init__(self, publish_at: str) -> None:
        super().__init__("Other rules are scheduled for a later moment: cancel them first.", publish_at=publish_at)


class NoteNeededError(InvalidInputError):
    code = "note_needed"

    def __init__(self) -> None:
        super().__init__("Say what should be changed.")
