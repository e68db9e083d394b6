"""Why a model was not fitted: an expected result, told with its figures."""

from typing import Final

# Code → what is said to people; the figures are {needed} and {found}.
REFUSALS: Final = {
    "too_few_customers": (
        "購入のある顧客が{needed}人以上必要です(現在{found}人)。",
        "At least {needed} customers with a purchase are needed ({found} so far).",
    ),
    "too_few_repeats": (
        "2日以上購入した顧客が{needed}人以上必要です(現在{found}人)。",
        "At least {needed} customers who bought on two days are needed ({found} so far).",
    ),
    "too_short": (
        "最初の購入から{needed}日以上の履歴が必要です(現在{found}日)。",
        "At least {needed} days of history are needed ({found} so far).",
    ),
    "no_pattern": (
        "購入の履歴から規則性を推定できませんでした。",
        "No pattern could be estimated from the purchases.",
    ),
}


class ModelRefusedError(Exception):
    """The data do not carry the model. `needed` and `found` are what the sentence of the code names."""

    def __init__(self, code: str, needed: int | None = None, found: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.needed = needed
        self.found = found

    def to_json(self) -> dict[str, object]:
        return {"code": self.code, "needed": self.needed, "found": self.found}
