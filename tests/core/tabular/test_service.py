"""An upload from file to counts, with every row accounted for."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import session_scope
from core.errors import ErasedError
from core.storage.service import read_file
from core.tabular import tasks, working
from core.tabular.decoding import read_table
from core.tabular.errors import EncodingAmbiguousError, MappingIncompleteError, UploadStateError
from core.tabular.forgetting import forget_values, purge_uploads
from core.tabular.importer import IMPORTERS, Column, Source, register
from core.tabular.models import Upload, UploadRow, UploadState
from core.tabular.service import ReceivedFile, get_upload, list_presets, receive_upload, start_upload, write_error_file
from tests.conftest import FixedClock
from tests.core.tabular.importing import MemoryImporter
from tests.factories.core import make_shop

pytestmark = pytest.mark.usefixtures("database")
RunJobs = Callable[..., int]
assert tasks.stage is not None  # Its import registers the jobs.


@pytest.fixture
def importer() -> Iterator[MemoryImporter]:
    found = MemoryImporter()
    register(found)
    yield found
    del IMPORTERS[found.name]


@pytest.fixture
def shop_id() -> UUID:
    return make_shop()


def upload_text(shop_id: UUID, content: str, *, encoding: str = "utf-8", run: RunJobs | None = None) -> UUID:
    with session_scope([shop_id]) as session:
        received = ReceivedFile("test.things", "things.csv", content.encode(encoding))
        upload, _ = receive_upload(session, shop_id, received)
        start_upload(session, shop_id, upload.id)
    if run:
        run()
    return upload.id


def counts(shop_id: UUID, upload_id: UUID) -> tuple[int, int, int, int]:
    with session_scope([shop_id]) as session:
        upload = get_upload(session, shop_id, upload_id)
        assert upload.state is UploadState.DONE
        found = (upload.new_count, upload.changed_count, upload.same_count, upload.rejected_count)
    assert upload.row_count == sum(found)
    return found


def read_errors(shop_id: UUID, upload_id: UUID) -> bytes:
    with session_scope([shop_id]) as session:
        return write_error_file(session, shop_id, upload_id)[1]


def test_every_row_is_accounted_for_and_the_same_file_again_changes_nothing(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs
) -> None:
    content = "番号,氏名,金額\n1,花子,100\n2,太郎,200\n3,春子,x\n"

    assert counts(shop_id, upload_text(shop_id, content, run=run_jobs)) == (2, 0, 0, 1)
    assert counts(shop_id, upload_text(shop_id, content, run=run_jobs)) == (0, 0, 2, 1)
    changed = content.replace("200", "250")
    assert counts(shop_id, upload_text(shop_id, changed, run=run_jobs)) == (0, 1, 1, 1)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig"])
def test_the_error_file_mended_and_sent_again_finishes_the_work(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs, encoding: str
) -> None:
    content = "番号,氏名,金額\n1,髙橋,100\n2,=1+1,x\n3,禁止,5\n"
    first = upload_text(shop_id, content, encoding=encoding, run=run_jobs)
    errors = read_errors(shop_id, first)
    table = read_table(errors)

    assert counts(shop_id, first) == (1, 0, 0, 2)
    assert table.encoding == encoding
    assert table.headers == ["番号", "氏名", "金額", "取込エラー_行", "取込エラー_項目", "取込エラー_理由"]
    assert [cells for _, cells in table.rows] == [
        ["2", "'=1+1", "x", "3", "金額", "数値ではありません: x"],
        ["3", "禁止", "5", "4", "名前", "使えない名前です。"],
    ]

    mended = errors.decode(encoding).replace(",x,", ",7,").replace("禁止", "許可")
    second = upload_text(shop_id, mended, encoding=encoding, run=run_jobs)
    assert counts(shop_id, second) == (2, 0, 0, 0)
    assert importer.kept["2"] == {"number": "2", "name": "=1+1", "amount": 7}


def test_rows_of_one_record_stay_together_and_fall_together(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "CHUNK_ROWS", 2)
    content = "番号,氏名,金額\nA,a,1\nB,b,1\nC,c,1\nA,a,1\nB,b,oops\nD,d,1\n"

    upload_id = upload_text(shop_id, content, run=run_jobs)

    assert counts(shop_id, upload_id) == (3, 0, 1, 2)
    assert "B" not in importer.kept
    # A's two rows came in the first chunk, though far apart; B's were refused before.
    assert importer.chunk_sizes == [2, 2]
    codes = [cells[-1] for _, cells in read_table(read_errors(shop_id, upload_id)).rows]
    assert codes == ["同じ番号の別の行にエラーがあるため取り込みませんでした。", "数値ではありません: oops"]


def test_stored_rows_and_the_file_itself_are_forgotten_when_done(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs
) -> None:
    upload_id = upload_text(shop_id, "番号,氏名\n1,花子\n2,禁止\n", run=run_jobs)
    with session_scope([shop_id]) as session:
        upload = get_upload(session, shop_id, upload_id)
        cells = session.execute(select(UploadRow.cells).order_by(UploadRow.number)).scalars().all()
        with pytest.raises(ErasedError):
            read_file(session, upload.file_id)

    assert cells == [None, ["2", "禁止"]]


def test_rejected_rows_are_purged_after_their_time(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs, clock: FixedClock
) -> None:
    upload_id = upload_text(shop_id, "番号,氏名\n2,禁止\n", run=run_jobs)
    clock.advance(days=31)
    purge_uploads()

    with pytest.raises(ErasedError):
        read_errors(shop_id, upload_id)


def test_a_file_nobody_starts_is_forgotten(importer: MemoryImporter, shop_id: UUID, clock: FixedClock) -> None:
    with session_scope([shop_id]) as session:
        upload, _ = receive_upload(session, shop_id, ReceivedFile("test.things", "x.csv", "番号\n1\n".encode()))
    clock.advance(days=8)
    purge_uploads()

    with session_scope([shop_id]) as session:
        assert get_upload(session, shop_id, upload.id).error_code == "abandoned"
        with pytest.raises(ErasedError):
            read_file(session, upload.file_id)


def test_a_person_named_in_a_rejected_row_can_be_forgotten(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs
) -> None:
    upload_id = upload_text(shop_id, "番号,氏名,金額\n1,花子,x\n2,太郎,x\n", run=run_jobs)
    with session_scope([shop_id]) as session:
        forget_values(session, shop_id, ["花子"])

    assert [cells[1] for _, cells in read_table(read_errors(shop_id, upload_id)).rows] == ["太郎"]


def test_an_upload_starts_once(importer: MemoryImporter, shop_id: UUID) -> None:
    upload_id = upload_text(shop_id, "番号\n1\n")
    with pytest.raises(UploadStateError), session_scope([shop_id]) as session:
        start_upload(session, shop_id, upload_id)


def test_a_job_that_runs_twice_has_one_effect(importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs) -> None:
    upload_id = upload_text(shop_id, "番号\n1\n", run=run_jobs)
    with session_scope([shop_id]) as session:
        working.stage_upload(session, shop_id, upload_id)
        working.store_chunk(session, shop_id, upload_id, 0)

    assert counts(shop_id, upload_id) == (1, 0, 0, 0)
    assert importer.chunk_sizes == [1]


def test_a_header_alone_is_done_at_once(importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs) -> None:
    assert counts(shop_id, upload_text(shop_id, "番号,氏名\n", run=run_jobs)) == (0, 0, 0, 0)


def test_a_file_that_cannot_be_read_is_not_kept(importer: MemoryImporter, shop_id: UUID) -> None:
    with pytest.raises(EncodingAmbiguousError):
        upload_text(shop_id, "番号,ﾃｸ\n".replace("番号", "id"), encoding="cp932")
    with session_scope([shop_id]) as session:
        assert session.execute(select(func.count()).select_from(Upload)).scalar_one() == 0


def test_an_incomplete_mapping_waits_for_a_person_and_is_saved_for_the_next_file(
    importer: MemoryImporter, shop_id: UUID, run_jobs: RunJobs
) -> None:
    received = ReceivedFile("test.things", "x.csv", "コード,氏名\n1,花子\n".encode())
    with session_scope([shop_id]) as session:
        upload, proposal = receive_upload(session, shop_id, received)
    assert proposal.missing == ("number",)
    with pytest.raises(MappingIncompleteError), session_scope([shop_id]) as session:
        start_upload(session, shop_id, upload.id)

    with session_scope([shop_id]) as session:
        sources = {**proposal.sources, "number": Source((Column("コード"),))}
        start_upload(session, shop_id, upload.id, sources=sources, save_as="いつもの")
    run_jobs()

    assert counts(shop_id, upload.id) == (1, 0, 0, 0)
    with session_scope([shop_id]) as session:
        assert [preset.name for preset in list_presets(session, shop_id, "test.things")] == ["いつもの"]
        assert receive_upload(session, shop_id, received)[1].preset == "いつもの"


def test_an_upload_of_another_shop_cannot_be_seen(importer: MemoryImporter, shop_id: UUID) -> None:
    upload_id = upload_text(shop_id, "番号\n1\n")
    other = make_shop()
    with session_scope([other]) as session:
        assert session.execute(select(Upload).where(Upload.id == upload_id)).one_or_none() is None


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.sampled_from(["花子", "禁止", "長すぎる名前なので入りません"]),
        st.sampled_from(["1", "x"]),
    ),
    max_size=9,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_read_is_new_plus_changed_plus_same_plus_rejected(
    database: str, run_jobs: RunJobs, rows: list[tuple[str, str, str]]
) -> None:
    register(MemoryImporter())
    shop_id = make_shop()
    content = "番号,氏名,金額\n" + "".join(",".join(row) + "\n" for row in rows)
    upload_id = upload_text(shop_id, content, run=run_jobs)
    found = counts(shop_id, upload_id)

    assert sum(found) == len(rows)
    assert len(read_table(read_errors(shop_id, upload_id)).rows) == found[3]
