"""A day at the bench: read the papers, pack each parcel of the waves, hand over, and try what must not work."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any, Final

from app.demo.packer.bench import LARGEST_BATCH, Bench, ShownParcel, read_code
from app.demo.packer.paper import read_sheets
from app.demo.packer.report import Report
from app.demo.packer.work import ANYWHERE, Mistake, Papers, Step, Table, plan_parcel, refused_slip

# Of a wave's parcels, this share sees each of the mistakes that any parcel allows; each at least once.
SHARE: Final = 0.02
BENCHES: Final = 2
NOT_READY: Final = {"held": Mistake.HELD, "care_flag": Mistake.HELD, "cancelled": Mistake.CANCELLED}


@dataclass(frozen=True)
class Assignment:
    """What the packer is told in the morning. `trays`: print files of reprints; `shelf`: SKU → barcode as printed."""

    base_url: str
    key: str
    shop: str
    wave_ids: Sequence[str]
    trays: Sequence[str]
    shelf: Mapping[str, str]
    seed: int


@dataclass
class _Pile:
    """The symbols read off a wave's papers, sorted by what the tablet says they are."""

    papers: dict[str, Papers] = field(default_factory=dict)
    void: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for p in self.papers.values() for text in (p.slip, *p.documents)]


class Day:
    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.bench = Bench(assignment.base_url, assignment.key, assignment.shop)
        self.random = Random(assignment.seed)
        self.report = Report()

    def work(self) -> dict[str, Any]:
        """Pack every wave and hand it over; returns the report."""
        trays = [text for file_id in self.assignment.trays for text in self._read(file_id)]
        for wave_id in self.assignment.wave_ids:
            self._work_wave(wave_id, trays)
        return self.report.to_json()

    def _work_wave(self, wave_id: str, trays: Sequence[str]) -> None:
        self.bench.load_wave(wave_id)
        files = self.bench.list_files(wave_id)
        texts = [text for file in files if file.kind in ("papers", "labels") for text in self._read(file.id)]
        # The files of a wave name its reprints too: what lies in the tray is in the pile once.
        pile = self._sort(list(dict.fromkeys([*texts, *trays])))
        self._try_refused(pile)
        self._pack(pile)
        self._hand_over(wave_id, pile)

    def _read(self, print_file_id: str) -> list[str]:
        """Return the symbols of a file in order; a copy of several pages once."""
        sheets = read_sheets(self.bench.download(print_file_id))
        self.report.sheets_read += sum(bool(sheet.texts) for sheet in sheets)
        self.report.sheets_unread += sum(not sheet.texts for sheet in sheets)
        return list(dict.fromkeys(text for sheet in sheets for text in sheet.texts))

    def _sort(self, texts: Sequence[str]) -> _Pile:
        pile = _Pile()
        found: dict[str, dict[str, list[str]]] = {}
        for text in texts:
            known = self.bench.find(text)
            if known is not None:
                parcel, unit = known
                found.setdefault(parcel.id, {}).setdefault(unit.kind, []).append(text)
            elif read_code(text) in self.bench.void:
                pile.void.append(text)
            else:
                pile.gone.append(text)
        for parcel_id, kinds in found.items():
            pile.papers[parcel_id] = Papers(kinds["slip"][0], tuple(kinds.get("document", ())), kinds["label"][0])
        return pile

    def _try_refused(self, pile: _Pile) -> None:
        """Scan what must not open anything: voided copies, and slips of held or cancelled parcels."""
        steps = [refused_slip(Mistake.VOID_COPY, text) for text in pile.void]
        for parcel in self.bench.parcels:
            if parcel.standing in NOT_READY and parcel.id in pile.papers:
                steps.append(refused_slip(NOT_READY[parcel.standing], pile.papers[parcel.id].slip))
        for text in pile.gone:
            shown = self.bench.look_up(text)
            if shown is not None and shown.standing in NOT_READY and shown.is_slip(read_code(text)):
                steps.append(refused_slip(NOT_READY[shown.standing], text))
        self._do(steps)

    def _pack(self, pile: _Pile) -> None:
        ready = [parcel for parcel in self.bench.parcels if parcel.standing == "ready" and parcel.id in pile.papers]
        table = Table(self.assignment.shelf, pile.texts, self.random)
        plans = self._plan_mistakes(ready)
        parcels = [plan_parcel(p, pile.papers[p.id], table, plans.get(p.id, frozenset())) for p in ready]
        batches = list(_gather(parcels))
        readings = [[step.reading for step in batch] for batch in batches]
        # Two benches side by side: no parcel is in two batches.
        with ThreadPoolExecutor(BENCHES) as pool:
            for batch, answers in zip(batches, pool.map(self.bench.send, readings), strict=True):
                self.report.add(batch, answers)
        self._repeat(batches[-1] if batches else [])

    def _plan_mistakes(self, ready: Sequence[ShownParcel]) -> dict[str, frozenset[Mistake]]:
        plans: dict[str, set[Mistake]] = {}
        count = max(1, round(len(ready) * SHARE))
        for mistake in ANYWHERE:
            if mistake is Mistake.OTHER_PARCELS_LETTER and len(ready) < 2:
                continue
            for parcel in self.random.sample(ready, min(count, len(ready))):
                plans.setdefault(parcel.id, set()).add(mistake)
        return {parcel_id: frozenset(mistakes) for parcel_id, mistakes in plans.items()}

    def _do(self, steps: Sequence[Step]) -> None:
        if steps:
            self.report.add(steps, self.bench.send([step.reading for step in steps]))

    def _repeat(self, steps: Sequence[Step]) -> None:
        """Send the last readings again with their ids, as after a lost answer: nothing may happen."""
        readings = [step.reading for step in islice(steps, 40)]
        answers = self.bench.send(readings) if readings else []
        self.report.absorbed += sum(answer.outcome == "repeated" for answer in answers)
        for answer in answers:
            if answer.outcome != "repeated":
                self.report.surprises[f"repeated -> {answer.outcome}"] += 1

    def _hand_over(self, wave_id: str, pile: _Pile) -> None:
        """Try to hand over what is not packed, then what is; then open a parcel that has left."""
        unproven = [parcel.id for parcel in self.bench.parcels if parcel.standing in NOT_READY]
        for parcel_id in unproven[:3]:
            answer = self.bench.hand_over(parcel_ids=[parcel_id])
            self.report.note(Mistake.UNPROVEN_HAND_OVER, refused=not answer["handed_over"])
        gone = self.bench.hand_over(wave_id=wave_id)["handed_over"]
        self.report.handed_over += len(gone)
        slips = [pile.papers[parcel_id].slip for parcel_id in gone if parcel_id in pile.papers]
        self._do([refused_slip(Mistake.ALREADY_SHIPPED, text) for text in self._some(slips)])

    def _some(self, texts: Sequence[str]) -> Iterator[str]:
        yield from self.random.sample(list(texts), min(len(texts), max(1, round(len(texts) * SHARE))))


def _gather(parcels: Sequence[list[Step]]) -> Iterator[list[Step]]:
    """Put whole parcels into batches of at most the size of a request; a larger parcel is a batch of its own."""
    batch: list[Step] = []
    for steps in parcels:
        if batch and len(batch) + len(steps) > LARGEST_BATCH:
            yield batch
            batch = []
        batch = [*batch, *steps]
    if batch:
        yield batch
