"""The work of an upload, in transactions of one chunk each: stage the rows, store them, settle the counts.

Each step claims its turn by compare-and-set, so a job that runs twice has one effect; the next step is asked for in the
transaction of this one, so that none is lost.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.errors import AppError
from core.jobs.service import enqueue
from core.rowsets import pack_rows, rowset
from core.sealing import destroy_keys
from core.storage.service import delete_file, read_file
from core.tabular.decoding import Table, read_table
from core.tabular.importer import Importer, Problem, Row, RowOutcome, RowState, get_importer
from core.tabular.mapping import RowReader, load_sources, make_reader
from core.tabular.models import Upload, UploadRow, UploadState
from core.tabular.service import KEEP_REJECTED, get_upload, make_context
from core.tenancy import get_shop

STORE_JOB: Final = "core.tabular.store_chunk"
CHUNK_ROWS: Final = 5_000

INSERT_ROWS = text(
    f"""
    INSERT INTO upload_rows (shop_id, upload_id, number, chunk, cells)
    SELECT :shop_id, :upload_id, staged.number, staged.chunk, staged.cells
      FROM {rowset("staged", {"number": "integer", "chunk": "integer", "cells": "text[]"})}
    """
)
# Cells of a stored row are forgotten at once.
SETTLE_ROWS = text(
    f"""
    UPDATE upload_rows r
       SET state = settled.state, problems = settled.problems,
           cells = CASE settled.state WHEN 'rejected' THEN r.cells END
      FROM {rowset("settled", {"number": "integer", "state": "text", "problems": "jsonb"})}
     WHERE r.shop_id = :shop_id AND r.upload_id = :upload_id AND r.number = settled.number
    """
)


def stage_upload(session: Session, shop_id: UUID, upload_id: UUID) -> None:
    """Put the rows of the file where chunks of them can be worked on, rows of one record into one chunk."""
    upload = get_upload(session, shop_id, upload_id)
    if upload.state is not UploadState.RUNNING or upload.chunk_count:
        return
    try:
        table = read_table(read_file(session, upload.file_id), encoding=_known_encoding(upload))
    except AppError as error:
        _fail(session, upload, error)
        return
    importer = get_importer(upload.importer)
    reader = make_reader(importer, upload.headers, load_sources(upload.mapping))
    chunks = assign_chunks(importer, reader, table)
    numbered = list(zip(table.rows, chunks, strict=True))
    for start in range(0, len(numbered), CHUNK_ROWS):
        staged = (
            {"number": number, "chunk": chunk, "cells": cells}
            for (number, cells), chunk in numbered[start : start + CHUNK_ROWS]
        )
        session.execute(INSERT_ROWS, {"shop_id": shop_id, "upload_id": upload_id, "staged": pack_rows(staged)})
    upload.row_count = len(table.rows)
    upload.chunk_count = max(chunks, default=-1) + 1
    _go_on(session, upload)


def _known_encoding(upload: Upload) -> str | None:
    return None if upload.encoding == "excel" else upload.encoding


def assign_chunks(importer: Importer, reader: RowReader, table: Table) -> list[int]:
    """Return the chunk of each row: about CHUNK_ROWS each, all rows of one record together wherever they stand."""
    name = importer.group_field
    grouped = name is not None and name in reader.places
    chunk_of: dict[str, int] = {}
    filled: Counter[int] = Counter()
    chunks, latest = [], 0
    for _, cells in table.rows:
        key = reader.read_raw(cells, name) if grouped and name is not None else ""
        if filled[latest] >= CHUNK_ROWS:
            latest += 1
        chunk = chunk_of.setdefault(key, latest) if key else latest
        filled[chunk] += 1
        chunks.append(chunk)
    return chunks


def store_chunk(session: Session, shop_id: UUID, upload_id: UUID, chunk: int) -> tuple[int, int]:
    """Parse and store one chunk, and ask for the next; returns rows done and rows in all."""
    claimed = session.execute(
        update(Upload)
        .where(
            Upload.id == upload_id,
            Upload.shop_id == shop_id,
            Upload.state == UploadState.RUNNING,
            Upload.chunks_done == chunk,
        )
        .values(chunks_done=chunk + 1)
        .returning(Upload.id)
    ).one_or_none()
    upload = get_upload(session, shop_id, upload_id)
    if claimed is None:
        return _count_done(upload), upload.row_count
    session.refresh(upload)
    outcomes = _store_rows(session, upload, _read_chunk(session, shop_id, upload_id, chunk))
    _settle(session, upload, outcomes)
    _go_on(session, upload)
    return _count_done(upload), upload.row_count


def _read_chunk(session: Session, shop_id: UUID, upload_id: UUID, chunk: int) -> list[tuple[int, list[str]]]:
    rows = session.execute(
        select(UploadRow.number, UploadRow.cells)
        .where(UploadRow.shop_id == shop_id, UploadRow.upload_id == upload_id, UploadRow.chunk == chunk)
        .order_by(UploadRow.number)
    )
    return [(number, cells or []) for number, cells in rows]


def _store_rows(session: Session, upload: Upload, cells: Sequence[tuple[int, list[str]]]) -> list[RowOutcome]:
    """Parse every row; hand the sound ones to the importer; a record with an unsound row is rejected whole."""
    importer = get_importer(upload.importer)
    context = make_context(get_shop(session, upload.shop_id), upload)
    reader = make_reader(importer, upload.headers, load_sources(upload.mapping))
    read = [reader.read(number, row, context) for number, row in cells]
    spoilt = _find_spoilt(importer, read)
    rejected = [
        RowOutcome(row.number, RowState.REJECTED, problems or (_name_sibling(importer),))
        for row, problems in read
        if problems or _group_of(importer, row) in spoilt
    ]
    refused = {outcome.number for outcome in rejected}
    sound = [row for row, _ in read if row.number not in refused]
    outcomes = list(importer.store(session, context, sound)) if sound else []
    _check_outcomes(importer, sound, outcomes)
    return rejected + outcomes


def _find_spoilt(importer: Importer, read: Sequence[tuple[Row, Sequence[Problem]]]) -> set[object]:
    groups = {_group_of(importer, row) for row, problems in read if problems}
    return groups - {None}


def _group_of(importer: Importer, row: Row) -> object:
    return row.values.get(importer.group_field) if importer.group_field else None


def _name_sibling(importer: Importer) -> Problem:
    return Problem(
        importer.group_field,
        "record_has_errors",
        "同じ番号の別の行にエラーがあるため取り込みませんでした。",
        "Not stored, because another row of the same record has errors.",
    )


def _check_outcomes(importer: Importer, rows: Sequence[Row], outcomes: Sequence[RowOutcome]) -> None:
    """Every row is accounted for exactly once, or the importer has a bug."""
    if sorted(outcome.number for outcome in outcomes) != sorted(row.number for row in rows):
        raise RuntimeError(f"importer {importer.name} did not answer for every row exactly once")


def _settle(session: Session, upload: Upload, outcomes: Sequence[RowOutcome]) -> None:
    counts = Counter(outcome.state for outcome in outcomes)
    upload.new_count += counts[RowState.NEW]
    upload.changed_count += counts[RowState.CHANGED]
    upload.same_count += counts[RowState.SAME]
    upload.rejected_count += counts[RowState.REJECTED]
    parameters = {"shop_id": upload.shop_id, "upload_id": upload.id, "settled": pack_rows(_describe(outcomes))}
    session.execute(SETTLE_ROWS, parameters)


def _describe(outcomes: Sequence[RowOutcome]) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        problems = [asdict(problem) for problem in outcome.problems]
        yield {"number": outcome.number, "state": outcome.state, "problems": problems or None}


def _go_on(session: Session, upload: Upload) -> None:
    """Ask for the next chunk, or finish: the file itself is then no longer needed and is deleted."""
    if upload.chunks_done < upload.chunk_count:
        args = {"upload_id": str(upload.id), "chunk": upload.chunks_done}
        upload.job_id = enqueue(session, STORE_JOB, shop_id=upload.shop_id, args=args)
        return
    upload.state, upload.finished_at = UploadState.DONE, clock.now()
    upload.purge_after = clock.now() + KEEP_REJECTED if upload.rejected_count else None
    delete_file(session, upload.file_id)
    destroy_keys(session, [upload.key_id])
    details = {
        "new": upload.new_count,
        "changed": upload.changed_count,
        "same": upload.same_count,
        "rejected": upload.rejected_count,
    }
    record(session, "core:upload:finish", shop_id=upload.shop_id, subject_id=upload.id, details=details)


def _fail(session: Session, upload: Upload, error: AppError) -> None:
    upload.state, upload.finished_at = UploadState.FAILED, clock.now()
    upload.error_code, upload.error = error.code, error.message
    record(session, "core:upload:fail", shop_id=upload.shop_id, subject_id=upload.id, details={"code": error.code})


def _count_done(upload: Upload) -> int:
    return upload.new_count + upload.changed_count + upload.same_count + upload.rejected_count
