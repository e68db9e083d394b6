"""Japanese line-breaking (禁則処理) after JIS X 4051: what may not begin or end a line, be parted, or may hang.

Pure: characters and their widths in, lines out. Western words and figures are kept whole.
"""

from collections.abc import Iterator, Mapping

_CLOSING = "’”)〕]］｝}〉》」』】⦆〙〗»〟）｠｣"
_OPENING = "‘“(〔[［｛{〈《「『【⦅〘〖«〝（｟｢"
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ"
_NEVER_FIRST = _CLOSING + _SMALL_KANA + "‐–〜゠～！？!?‼⁇⁈⁉・･：；:;。．.｡、，,､ヽヾゝゞ々〻ーｰﾞﾟ%％‰℃°′″￠¢"
NOT_AT_START = frozenset(_NEVER_FIRST)  # 行頭禁則
NOT_AT_END = frozenset(_OPENING + "¥￥$＄£￡€#＃№")  # 行末禁則
INSEPARABLE = frozenset("—―…‥")  # 分離禁止: two of the same kind
HANGING = frozenset("。、．，｡､")  # ぶら下げ
_SPACES = " \u3000"
_WESTERN_MARKS = frozenset("‐‑’")


def is_western(character: str) -> bool:
    """Say whether the character belongs to a run that is kept whole: Latin, Greek, Cyrillic, figures, marks."""
    return (ord(character) < 0x1100 and character not in _SPACES) or character in _WESTERN_MARKS


def can_break(before: str, after: str) -> bool:
    """Say whether a line may end between these two characters."""
    if after in NOT_AT_START or before in NOT_AT_END or after in _SPACES:
        return False
    if before in INSEPARABLE and before == after:
        return False
    return not (is_western(before) and is_western(after))


def split_atoms(paragraph: str) -> list[str]:
    """Return the paragraph in pieces that may not be broken, each with the spaces that follow it."""
    atoms = []
    start = 0
    for index in range(1, len(paragraph)):
        if can_break(paragraph[index - 1], paragraph[index]):
            atoms.append(paragraph[start:index])
            start = index
    return [*atoms, paragraph[start:]]


def break_lines(text: str, advances: Mapping[str, float], width: float) -> list[str]:
    """Return the lines of a text, `\\n` ending a paragraph. `advances` and `width` share their unit.

    A stop or comma may hang over the edge (ぶら下げ). A piece wider than the line is broken where it must be.
    """
    lines = []
    for paragraph in text.split("\n"):
        lines.extend(_break_paragraph(paragraph, advances, width))
    return lines


def _break_paragraph(paragraph: str, advances: Mapping[str, float], width: float) -> list[str]:
    if sum(map(advances.__getitem__, paragraph)) <= width:
        return [paragraph.rstrip(_SPACES)]
    lines: list[str] = []
    line, used = "", 0.0
    for atom in split_atoms(paragraph):
        for piece, piece_width, hanging_width in _fit_atom(atom, advances, width):
            if line and used + hanging_width > width:
                lines.append(line.rstrip(_SPACES))
                line, used = "", 0.0
            line += piece
            used += piece_width
    return [*lines, line.rstrip(_SPACES)]


def _fit_atom(atom: str, advances: Mapping[str, float], width: float) -> Iterator[tuple[str, float, float]]:
    """Give the atom, or the parts of one wider than a line: text, full width, width that must be within the line."""
    full = sum(map(advances.__getitem__, atom))
    needed = _needed_width(atom, advances)
    if needed <= width:
        yield atom, full, needed
        return
    part, used = "", 0.0
    for character in atom:
        advance = advances[character]
        if part and used + (0.0 if character in HANGING or character in _SPACES else advance) > width:
            yield part, used, used
            part, used = "", 0.0
        part += character
        used += advance
    yield part, used, _needed_width(part, advances)


def _needed_width(text: str, advances: Mapping[str, float]) -> float:
    """Return the width without what may stand over the edge: spaces at the end and one stop or comma."""
    core = text.rstrip(_SPACES)
    if len(core) > 1 and core[-1] in HANGING:
        core = core[:-1]
    return sum(map(advances.__getitem__, core))
