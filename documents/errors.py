"""What documents refuse, each with place and reason in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ConflictError, InvalidInputError, NotFoundError


class Refusal(StrEnum):
    """Why a copy is not drawn."""

    MISSING_VALUE = "missing_value"
    WRONG_TYPE = "wrong_type"
    MISSING_GLYPH = "missing_glyph"
    UNUSUAL_CHARACTER = "unusual_character"
    LINE_BREAK = "line_break"
    TOO_LONG = "too_long"
    TOO_MANY_ROWS = "too_many_rows"
    BROKEN_IMAGE = "broken_image"
    CODE_TOO_SMALL = "code_too_small"
    CODE_TOO_LONG = "code_too_long"
    PAGE_TOO_LARGE = "page_too_large"


_SENTENCES = {
    Refusal.MISSING_VALUE: ("「{field}」の値がありません。", "“{field}” has no value."),
    Refusal.WRONG_TYPE: (
        "「{field}」の値の種類が違います({note})。",
        "The value of “{field}” has the wrong type ({note}).",
    ),
    Refusal.MISSING_GLYPH: (
        "「{field}」の文字「{character}」を印刷できる書体がありません。",
        "No font can print the character “{character}” in “{field}”.",
    ),
    Refusal.UNUSUAL_CHARACTER: (
        "「{field}」の文字「{character}」は正しく組めないため印刷しません。",
        "The character “{character}” in “{field}” cannot be set correctly and is not printed.",
    ),
    Refusal.LINE_BREAK: (
        "「{field}」は1行の欄ですが、改行があります。",
        "“{field}” is one line but holds a line break.",
    ),
    Refusal.TOO_LONG: ("「{field}」が枠に入りません({note})。", "“{field}” does not fit its box ({note})."),
    Refusal.TOO_MANY_ROWS: (
        "「{field}」の行が多すぎます({note})。出荷を分けてください。",
        "“{field}” has too many rows ({note}). Split the shipment.",
    ),
    Refusal.BROKEN_IMAGE: ("「{field}」の画像を使えません({note})。", "The picture “{field}” cannot be used ({note})."),
    Refusal.CODE_TOO_SMALL: (
        "「{field}」のコードが小さすぎて読み取れません({note})。",
        "The code “{field}” would be too small to be read ({note}).",
    ),
    Refusal.CODE_TOO_LONG: (
        "「{field}」はコードにできません({note})。",
        "“{field}” cannot be made into a code ({note}).",
    ),
    Refusal.PAGE_TOO_LARGE: (
        "用紙がラベルより大きいため面付けできません({note})。",
        "The page is larger than the label it goes on ({note}).",
    ),
}


class DocumentError(InvalidInputError):
    """A copy that cannot be drawn right is not drawn.

    `field` is the slot (or the place in the template), `character` the one at fault ("U+1F600 GRINNING FACE") or empty,
    `reference` the copy's own reference. The sentences may be shown to people; they hold no other text of the customer.
    """

    def __init__(self, code: Refusal, field: str, *, character: str = "", note: str = "", reference: str = "") -> None:
        self.message_ja, english = (
            sentence.format(field=field, character=character, note=note) for sentence in _SENTENCES[code]
        )
        super().__init__(english, field=field, character=character, reference=reference)
        self.code = code
        self.field = field
        self.character = character
        self.note = note
        self.reference = reference

    def message_in(self, language: str) -> str:
        return self.message_ja if language == "ja" else self.message

    def of_copy(self, reference: str) -> "DocumentError":
        """Return the same refusal naming the copy it concerns."""
        return DocumentError(
            Refusal(self.code), self.field, character=self.character, note=self.note, reference=reference
        )


@dataclass(frozen=True)
class TemplateProblem:
    """One fault: `place` as in `elements[3].width`."""

    place: str
    code: str
    message_ja: str
    message_en: str


class TemplateInvalidError(InvalidInputError):
    """A template with every fault that was found."""

    code = "template_invalid"

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.place}: {problem.message_en}" for problem in problems),
            problems=[vars(problem) for problem in problems],
        )


class TemplateNotFoundError(NotFoundError):
    code = "template_not_found"


class TemplateChangedError(ConflictError):
    """Somebody published another version first."""

    code = "template_changed"


class TemplateTakenError(ConflictError):
    """There is a template of this key in this language."""

    code = "template_taken"


class TemplateDraftOvertakenError(ConflictError):
    """Somebody saved the draft since it was seen."""

    code = "draft_overtaken"


class DraftTooLargeError(InvalidInputError):
    code = "draft_too_large"


_PICTURE_REASONS = {
    "empty": ("ファイルが空です。", "The file is empty."),
    "too_large": ("ファイルが大きすぎます(8MBまで)。", "The file is too large (8 MB at most)."),
    "svg": (
        "SVGはプログラムを含められるため使えません。PNGで書き出してください。",
        "SVG is not taken, because it may hold programs. Export it as PNG.",
    ),
    "pdf": (
        "PDFは画像ではありません。レターヘッドとして取り込んでください。",
        "A PDF is no picture. Import it as a letterhead.",
    ),
    "unknown_kind": ("PNG・JPEG・WebPの画像ではありません。", "This is no PNG, JPEG or WebP picture."),
    "unreadable": (
        "画像として読み取れません。壊れていないか確かめてください。",
        "The picture cannot be read. Is it damaged?",
    ),
    "animated": (
        "動く画像は印刷できません。1枚の画像にしてください。",
        "A moving picture cannot be printed. Give one of a single frame.",
    ),
    "too_many_pixels": (
        "画素が多すぎます(1辺6000、合計2400万画素まで)。",
        "It has too many pixels (6000 a side, 24 million in all at most).",
    ),
    "not_pdf": ("PDFのファイルではありません。", "This is no PDF file."),
    "pdf_too_large": ("PDFが大きすぎます(10MBまで)。", "The PDF is too large (10 MB at most)."),
    "encrypted": ("暗号の付いたPDFは使えません。", "An encrypted PDF is not taken."),
    "scripts": (
        "プログラム・添付・動作の付いたPDFは使えません。印刷用に書き出し直してください。",
        "A PDF with scripts, attachments or actions is not taken. Export it again for print.",
    ),
    "many_pages": ("1ページのPDFにしてください。", "The PDF must have one page."),
    "page_size": ("紙の大きさが印刷できる範囲にありません(A3まで)。", "Its page cannot be printed (A3 at most)."),
    "damaged": ("PDFとして読み取れません。壊れていませんか。", "The PDF cannot be read. Is it damaged?"),
    "too_heavy": ("複雑すぎて描けません。", "It is too complicated to be drawn."),
    "too_small": (
        "小さすぎて印刷に使えません(1辺8画素以上)。",
        "It is too small to be printed (8 pixels a side at least).",
    ),
}


class PictureRefusedError(InvalidInputError):
    """An upload that does not become a picture of the library; `reason` says why."""

    code = "picture_refused"

    def __init__(self, reason: str) -> None:
        self.message_ja, english = _PICTURE_REASONS[reason]
        super().__init__(english, reason=reason, message_ja=self.message_ja)
        self.reason = reason

    def message_in(self, language: str) -> str:
        return self.message_ja if language == "ja" else self.message


class PictureNotFoundError(NotFoundError):
    code = "picture_not_found"
