"""What the packer tells when the day is over: counts only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.demo.packer.bench import Answer
from app.demo.packer.work import Step


@dataclass
class Report:
    """`surprises` are answers that nobody expected, by what was expected and what came."""

    units_scanned: int = 0
    parcels_packed: int = 0
    sheets_read: int = 0
    sheets_unread: int = 0
    absorbed: int = 0
    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    surprises: Counter[str] = field(default_factory=Counter)
    handed_over: int = 0

    def add(self, steps: Sequence[Step], answers: Sequence[Answer]) -> None:
        for step, answer in zip(steps, answers, strict=True):
            as_expected = answer.outcome in step.expected
            if step.mistake is not None:
                self.note(step.mistake, refused=as_expected)
            elif as_expected and step.is_unit:
                self.units_scanned += 1
                self.parcels_packed += answer.outcome == "label_bound"
            if not as_expected:
                self.surprises[f"{'/'.join(sorted(step.expected))} -> {answer.outcome}"] += 1

    def note(self, mistake: str, *, refused: bool) -> None:
        self.made[mistake] += 1
        self.refused[mistake] += refused

    def to_json(self) -> dict[str, Any]:
        counters = {"mistakes_made": self.made, "mistakes_refused": self.refused, "surprises": self.surprises}
        plain = {name: dict(sorted(counter.items())) for name, counter in counters.items()}
        names = ("units_scanned", "parcels_packed", "sheets_read", "sheets_unread", "absorbed", "handed_over")
        return plain | {name: getattr(self, name) for name in names}
