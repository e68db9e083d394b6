"""Answers of the importers, row by row."""

from core.tabular.importer import Problem, Row, RowOutcome, RowState

UNIDENTIFIABLE = Problem(
    None,
    "person_unidentifiable",
    "顧客番号・メールアドレス・電話番号のいずれかが必要です。",
    "A customer id, an e-mail address or a telephone number is needed.",
)
ERASED = Problem(None, "customer_erased", "この顧客のデータは消去済みです。", "This customer's data has been erased.")
KNOWN_AT_MISSING = Problem(
    "known_at",
    "known_at_missing",
    "把握日時の列がありません。取込設定で「発生と同時」か「取込時」を選んでください。",
    'No column says when it became known: choose option known_at "occurred" or "upload".',
)


def reject(row: Row, problem: Problem) -> RowOutcome:
    return RowOutcome(row.number, RowState.REJECTED, (problem,))
