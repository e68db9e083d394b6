"""Failures of personalization."""

from collections.abc import Sequence
from uuid import UUID

from core.errors import ConflictError, InvalidInputError, NotFoundError
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
    """A choice is missing or wrong: `need` names it, `reason` is missing, not_a_whole_number or out_of_range."""

    code = "gallery_choice"

    def __init__(self, need: str, reason: str, label_ja: str, label_en: str) -> None:
        super().__init__(f"{label_en}: {reason}.", need=need, reason=reason, label_ja=label_ja, label_en=label_en)
        self.need, self.reason = need, reason
