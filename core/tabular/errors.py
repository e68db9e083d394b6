"""What can be wrong with a file as a whole, or with one cell."""

from core.errors import ConflictError, InvalidInputError


class FileUnreadableError(InvalidInputError):
    """The bytes are no table we can read; the message says where and why."""

    code = "file_unreadable"


class EncodingAmbiguousError(InvalidInputError):
    """The bytes make sense in two encodings; a person has to choose. `samples` shows both readings."""

    code = "encoding_ambiguous"

    def __init__(self, samples: dict[str, str]) -> None:
        named = " / ".join(f"{name}: {sample}" for name, sample in samples.items())
        super().__init__(f"This file can be read in two ways; say which one is right. {named}", samples=samples)


class MappingIncompleteError(InvalidInputError):
    """Required fields have no column, or a column of the mapping is not in the file."""

    code = "mapping_incomplete"


class UploadStateError(ConflictError):
    """Somebody else was first, or the upload is past this step."""

    code = "upload_state"


class CellError(ValueError):
    """Why a cell has no value of its field's kind: a stable code and a sentence in both languages."""

    def __init__(self, code: str, message: str, message_en: str) -> None:
        super().__init__(message_en)
        self.code = code
        self.message = message
        self.message_en = message_en
