"""Taking in a file: received with a proposed mapping, started when a person agrees, then worked on by jobs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import clock
from core.audit.service import record
from core.context import get_context
from core.errors import ErasedError, NotFoundError
from core.ids import new_id
from core.jobs.service import enqueue
from core.sealing import new_key
from core.storage.service import store_file
from core.tabular.decoding import read_table
from core.tabular.errors import FileUnreadableError, UploadStateError
from core.tabular.importer import ImportContext, Importer, RowState, Source, get_importer
from core.tabular.mapping import (
    Proposal,
    SavedPreset,
    apply_preset,
    check_sources,
    load_sources,
    propose_mapping,
    write_sources,
)
from core.tabular.models import MappingPreset, Upload, UploadRow, UploadState
from core.tabular.reporting import list_error_rows, write_csv
from core.tenancy import Shop

STAGE_JOB: Final = "core.tabular.stage_upload"
MAX_BYTES: Final = 256 << 20
# How long rejected rows wait to be mended.
KEEP_REJECTED: Final = timedelta(days=30)


@dataclass(frozen=True)
class ReceivedFile:
    """A file handed in. `encoding` and `preset` are what a person chose; without them the file tells."""

    importer: str
    name: str
    data: bytes
    encoding: str | None = None
    preset: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def receive_upload(session: Session, shop_id: UUID, received: ReceivedFile) -> tuple[Upload, Proposal]:
    """Keep the file and propose a mapping. Raises FileUnreadableError or EncodingAmbiguousError; then nothing is
    kept."""
    importer = get_importer(received.importer)
    if len(received.data) > MAX_BYTES:
        raise FileUnreadableError(f"The file is larger than {MAX_BYTES >> 20} MiB.", size=len(received.data))
    table = read_table(received.data, encoding=received.encoding)
    saved = list_presets(session, shop_id, received.importer)
    proposal = (
        apply_preset(importer, table.headers, received.preset, saved)
        if received.preset
        else propose_mapping(importer, table.headers, saved)
    )
    key_id = new_key(session, shop_id)
    stored = store_file(
        session, shop_id, received.name, received.data, media_type="application/octet-stream", key_id=key_id
    )
    session.flush()  # The upload refers to the file, and the two have no relationship that would order them.
    upload = Upload(
        id=new_id(),
        shop_id=shop_id,
        importer=received.importer,
        file_name=received.name,
        file_id=stored.id,
        key_id=key_id,
        sha256=hashlib.sha256(received.data).digest(),
        encoding=table.encoding,
        delimiter=table.delimiter,
        headers=table.headers,
        preset=proposal.preset,
        mapping=write_sources(proposal.sources),
        options={**proposal.options, **received.options},
        row_count=len(table.rows),
        actor_id=get_context().actor.id,
    )
    session.add(upload)
    record(session, "core:upload:receive", shop_id=shop_id, subject_id=upload.id, details={"rows": len(table.rows)})
    return upload, proposal


def start_upload(
    session: Session,
    shop_id: UUID,
    upload_id: UUID,
    *,
    sources: Mapping[str, Source] | None = None,
    options: Mapping[str, str] | None = None,
    save_as: str | None = None,
) -> Upload:
    """Begin to store the rows under this mapping (none: the proposed one). With `save_as` it is kept for the next file.

    Raises MappingIncompleteError, or UploadStateError when it was started already.
    """
    session.flush()  # It may have been received in this same transaction.
    upload = get_upload(session, shop_id, upload_id)
    importer = get_importer(upload.importer)
    chosen = load_sources(upload.mapping) if sources is None else dict(sources)
    check_sources(importer, upload.headers, chosen)
    merged = {**upload.options, **(options or {})}
    job_id = enqueue(session, STAGE_JOB, shop_id=shop_id, args={"upload_id": str(upload_id)})
    claimed = session.execute(
        update(Upload)
        .where(Upload.id == upload_id, Upload.shop_id == shop_id, Upload.state == UploadState.RECEIVED)
        .values(state=UploadState.RUNNING, mapping=write_sources(chosen), options=merged, job_id=job_id)
        .returning(Upload.id)
    ).one_or_none()
    if claimed is None:
        raise UploadStateError("This upload was started already.", upload_id=str(upload_id))
    if save_as:
        save_preset(session, shop_id, upload, SavedPreset(save_as, upload.headers, chosen, merged))
    record(session, "core:upload:start", shop_id=shop_id, subject_id=upload_id)
    session.refresh(upload)
    return upload


def get_upload(session: Session, shop_id: UUID, upload_id: UUID) -> Upload:
    found = session.execute(
        select(Upload).where(Upload.shop_id == shop_id, Upload.id == upload_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError("There is no such upload.", upload_id=str(upload_id))
    return found


def list_uploads(
    session: Session, shop_id: UUID, *, importer: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[Upload]:
    """Return uploads, newest first; `before` is the last one shown."""
    query = select(Upload).where(Upload.shop_id == shop_id).order_by(Upload.id.desc()).limit(limit)
    if importer is not None:
        query = query.where(Upload.importer == importer)
    if before is not None:
        query = query.where(Upload.id < before)
    return list(session.execute(query).scalars())


def list_presets(session: Session, shop_id: UUID, importer: str) -> list[SavedPreset]:
    """Return the mappings this shop has saved for an importer, the last saved first."""
    rows = session.execute(
        select(MappingPreset)
        .where(MappingPreset.shop_id == shop_id, MappingPreset.importer == importer)
        .order_by(MappingPreset.updated_at.desc(), MappingPreset.id.desc())
    ).scalars()
    return [SavedPreset(row.name, row.headers, load_sources(row.mapping), row.options) for row in rows]


def save_preset(session: Session, shop_id: UUID, upload: Upload, preset: SavedPreset) -> None:
    """Keep a mapping under a name; one of the same name is replaced."""
    values: dict[str, Any] = {
        "headers": list(preset.headers),
        "mapping": write_sources(preset.sources),
        "options": dict(preset.options),
        "updated_at": clock.now(),
    }
    statement = insert(MappingPreset).values(
        id=new_id(), shop_id=shop_id, importer=upload.importer, name=preset.name, **values
    )
    session.execute(statement.on_conflict_do_update(index_elements=["shop_id", "importer", "name"], set_=values))


def make_context(shop: Shop, upload: Upload) -> ImportContext:
    return ImportContext(shop.id, upload.id, shop.zone, shop.country, shop.currency, upload.created_at, upload.options)


def write_error_file(session: Session, shop_id: UUID, upload_id: UUID, *, language: str = "ja") -> tuple[str, bytes]:
    """Return name and bytes of the rejected rows in the file's own layout, with row, field and reason.

    Raises ErasedError when they were purged.
    """
    upload = get_upload(session, shop_id, upload_id)
    importer = get_importer(upload.importer)
    rejected = session.execute(
        select(UploadRow.number, UploadRow.cells, UploadRow.problems)
        .where(
            UploadRow.shop_id == shop_id,
            UploadRow.upload_id == upload_id,
            UploadRow.state == RowState.REJECTED,
            UploadRow.cells.is_not(None),
        )
        .order_by(UploadRow.number)
    ).all()
    if not rejected and upload.rejected_count and upload.purge_after is None:
        raise ErasedError
    rows = ((number, cells or [], problems or []) for number, cells, problems in rejected)
    labels = _label_fields(importer, language)
    encoding = upload.encoding if upload.encoding in ("cp932", "euc_jp") else "utf-8-sig"
    data = write_csv(
        list_error_rows(upload.headers, rows, labels, language), encoding=encoding, delimiter=upload.delimiter or ","
    )
    record(session, "core:upload:read_errors", shop_id=shop_id, subject_id=upload_id)
    return f"{upload.file_name.rsplit('.', 1)[0]}_errors.csv", data


def _label_fields(importer: Importer, language: str) -> dict[str, str]:
    return {field.name: field.label if language == "ja" else field.label_en for field in importer.fields}
