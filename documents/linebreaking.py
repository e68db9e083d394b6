"""Japanese line-breaking (禁則処理) after JIS X 4051: what may not begin or end a line, be parted, or may hang.

Pure: characters and their widths in, lines out. Western words and figures are kept whole.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

_CLOSING = "’”)〕]］｝}〉》」』】⦆〙〗»〟）｠｣"
_OPENING = "‘“(〔[［｛{〈《「『【⦅〘〖«〝（｟｢"
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ"
_NEVER_FIRST = _CLOSING + _SMALL_KANA + "‐–〜゠～！？!?‼⁇⁈⁉・･：；:;。．.｡、，,､ヽヾゝゞ々〻ーｰﾞﾟ%％‰℃°′″￠¢"
NOT_AT_START = frozenset(_NEVER_FIRST)  # 行頭禁則
NOT_AT_END = frozenset(_OPENING + "¥￥$＄£￡€#＃№")  # 行末禁則
INSEPARABLE = frozenset("—―…‥")  # 分離禁止: two of the same kind
HANGING = frozenset("。、．，｡､")  # ぶら下げ
SPACES = " \u3000"
_WESTERN_MARKS = frozenset("‐‑’")


def is_western(character: str) -> bool:
    """Say whether the character belongs to a run that is kept whole: Latin, Greek, Cyrillic, figures, marks."""
    return (ord(character) < 0x1100 and character not in SPACES) or character in _WESTERN_MARKS


def can_break(before: str, after: str) -> bool:
    """Say whether a line may end between these two characters."""
    if after in NOT_AT_START or before in NOT_AT_END or after in SPACES:
        return False
    if before in INSEPARABLE and before == after:
        return False
    return not (is_western(before) and is_western(after))


def can_break_at(paragraph: str, place: int) -> bool:
    """Say the same of a place in a paragraph: the spaces before it go, and what stands before them ends the line."""
    if not can_break(paragraph[place - 1], paragraph[place]):
        return False
    return paragraph[place - 1] not in SPACES or paragraph[:place].rstrip(SPACES)[-1:] not in NOT_AT_END


def split_atoms(paragraph: str) -> list[str]:
    """Return the paragraph in pieces that may not be broken, each with the spaces that follow it."""
    atoms = []
    start = 0
    for index in range(1, len(paragraph)):
        if can_break_at(paragraph, index):
            atoms.append(paragraph[start:index])
            start = index
    return [*atoms, paragraph[start:]]


def break_lines(text: str, advances: Mapping[str, float], width: float) -> list[str]:
    """Return the lines of a text, `\\n` ending a paragraph. `advances` and `width` share their unit."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        reach = list(accumulate(map(advances.__getitem__, paragraph), initial=0.0))
        lines.extend(paragraph[start:stop] for start, stop in break_paragraph(paragraph, reach, width))
    return lines


def break_paragraph(paragraph: str, reach: Sequence[float], width: float) -> list[tuple[int, int]]:
    """Return where each line starts and stops, without the spaces at its end.

    `reach[i]` is the width of the first i characters. A stop or comma may hang over the edge (ぶら下げ). A piece wider
    than the line is broken where it must be.
    """
    lines = []
    start, end = 0, len(paragraph)
    while reach[end] - reach[start] > width:
        fitting = bisect_right(reach, reach[start] + width, start + 1) - 1
        stop = _find_break(paragraph, start, fitting)
        if stop is None:
            # A piece wider than the line: broken after what fits, at least one letter.
            stop = _let_hang(paragraph, start, max(fitting, start + 1))
        if stop >= end:
            break
        lines.append((start, start + len(paragraph[start:stop].rstrip(SPACES))))
        start = stop
    lines.append((start, start + len(paragraph[start:].rstrip(SPACES))))
    return lines


def _find_break(paragraph: str, start: int, fitting: int) -> int | None:
    """Return the last place where the line may end: at most at `fitting`, or after what may stand over the edge."""
    stop = _let_hang(paragraph, start, fitting)
    if stop == len(paragraph):
        return stop
    while stop > start:
        if can_break_at(paragraph, stop):
            return stop
        stop -= 1
    return None


def _let_hang(paragraph: str, start: int, fitting: int) -> int:
    """Return the place after one stop or comma and the spaces that follow what fits."""
    end = len(paragraph)
    stop = fitting
    if stop < end and paragraph[stop] in HANGING and stop > start:
        stop += 1
    while stop < end and paragraph[stop] in SPACES:
        stop += 1
    return stop
