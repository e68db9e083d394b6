"""Says quickly which character no font can draw: for decisions, long before anything is printed."""

from collections.abc import Iterable
from functools import lru_cache

from documents.characters import describe_character, normalise_text
from documents.errors import DocumentError
from documents.shaping import UndrawableError
from documents.typefaces import get_face

_MOST_KEPT = 8192


# Characters that the first font draws whatever stands beside them; grows with what was asked.
_known = {"\n"}


def find_undrawable(texts: Iterable[tuple[str, str | None]]) -> DocumentError | None:
    """Return the refusal of the first of these (field, text) that no style of any template could print, else None."""
    for field, text in texts:
        if text and not _known.issuperset(text):
            error = _examine(text)
            if error is not None:
                return DocumentError(error.code, field, character=describe_character(error.character))
    return None


@lru_cache(maxsize=_MOST_KEPT)
def _examine(text: str) -> UndrawableError | None:
    """All faces draw the same characters: they differ only in which font does."""
    face = get_face("gothic", False)
    for line in normalise_text(text).split("\n"):
        try:
            clusters = face.lay_out(line)
        except UndrawableError as error:
            return error
        _known.update(cluster.text for cluster in clusters if len(cluster.text) == 1 and face.is_plain(cluster.text))
    return None
