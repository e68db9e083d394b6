"""JSON endpoints of uploads: hand in a file, start it, watch it, fetch what was rejected."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Response, UploadFile

from core.auth.roles import Access, Role
from core.tabular import service
from core.tabular.importer import IMPORTERS, list_options
from core.tabular.schemas import FieldOut, ImporterOut, OptionOut, ReceivedOut, StartIn, UploadOut
from core.web import SessionDep, require

router = APIRouter(prefix="/api", tags=["imports"])
Importing = Annotated[Access, require(Role.OPERATOR, Role.ORGANISER)]


@router.get("/importers")
def list_importers(_access: Importing) -> list[ImporterOut]:
    """Which kinds of file there are, with their fields, known layouts and options."""
    return [
        ImporterOut(
            name=importer.name,
            label=importer.label,
            label_en=importer.label_en,
            fields=[
                FieldOut(name=f.name, label=f.label, label_en=f.label_en, required=f.required) for f in importer.fields
            ],
            presets=[preset.name for preset in importer.presets],
            options=[
                OptionOut(name=o.name, label=o.label, label_en=o.label_en, choices=list(o.choices))
                for o in list_options(importer.name)
            ],
        )
        for importer in IMPORTERS.values()
    ]


@router.post("/uploads", status_code=201)
def receive_upload(
    access: Importing,
    session: SessionDep,
    importer: Annotated[str, Form(max_length=100)],
    file: Annotated[UploadFile, File()],
    encoding: Annotated[str | None, Form(max_length=20)] = None,
    preset: Annotated[str | None, Form(max_length=100)] = None,
) -> ReceivedOut:
    """Keep the file and propose which column means what. Nothing is stored until it is started."""
    received = service.ReceivedFile(importer, file.filename or "file", file.file.read(), encoding, preset)
    upload, proposal = service.receive_upload(session, access.shop_id, received)
    session.flush()  # The answer shows values that the database fills.
    return ReceivedOut(
        upload=UploadOut.model_validate(upload),
        missing_fields=list(proposal.missing),
        unused_columns=list(proposal.unused),
    )


@router.post("/uploads/{upload_id}/start", status_code=202)
def start_upload(upload_id: UUID, sent: StartIn, access: Importing, session: SessionDep) -> UploadOut:
    mapping = None if sent.mapping is None else {name: source.to_source() for name, source in sent.mapping.items()}
    upload = service.start_upload(
        session, access.shop_id, upload_id, sources=mapping, options=sent.options, save_as=sent.save_as
    )
    return UploadOut.model_validate(upload)


@router.get("/uploads")
def list_uploads(
    access: Importing, session: SessionDep, importer: str | None = None, before: UUID | None = None
) -> list[UploadOut]:
    """Newest first, fifty at a time; `before` is the last one shown."""
    found = service.list_uploads(session, access.shop_id, importer=importer, before=before)
    return [UploadOut.model_validate(upload) for upload in found]


@router.get("/uploads/{upload_id}")
def show_upload(upload_id: UUID, access: Importing, session: SessionDep) -> UploadOut:
    return UploadOut.model_validate(service.get_upload(session, access.shop_id, upload_id))


@router.get("/uploads/{upload_id}/errors")
def read_errors(upload_id: UUID, access: Importing, session: SessionDep, language: str = "ja") -> Response:
    """The rejected rows in the file's own layout, with row, field and reason: mend them and send the file again."""
    name, data = service.write_error_file(session, access.shop_id, upload_id, language=language)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type="text/csv", headers={"Content-Disposition": disposition})
