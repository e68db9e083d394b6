"""Japanese line-breaking (禁則処理) after JIS X 4051: what may not begin or end a line, be parted, or may hang.

Pure: characters and their widths in, lines out. Western words, codes, addresses of the web and figures with their unit
are kept whole. What is wider than a line is broken where that does the least harm.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate

_CLOSING = "’”)〕]］｝}〉》」』】⦆〙〗»〟〞）｠｣"
_OPENING = "‘“(〔[［｛{〈《「『【⦅〘〖«〝（｟｢"
_SMALL_KANA = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ"
_NEVER_FIRST = _CLOSING + _SMALL_KANA + "‐–〜゠～！？!?‼⁇⁈⁉・･：；:;。．.｡、，,､ヽヾゝゞ々〻〱〲〵ーｰﾞﾟ゛゜%％‰℃℉°′″￠¢㌫"
NOT_AT_START = frozenset(_NEVER_FIRST)  # 行頭禁則
NOT_AT_END = frozenset(_OPENING + "¥￥$＄£￡€#＃№〳〴")  # 行末禁則
INSEPARABLE = frozenset("—―…‥─〜～")  # 分離禁止: two of the same kind
HANGING = frozenset("。、．，｡､")  # ぶら下げ
SPACES = " \u3000"
_WESTERN_MARKS = frozenset("‐‑–’")
_FIGURES = frozenset("0123456789０１２３４５６７８９")
_FULL_FIGURES = frozenset("０１２３４５６７８９．，")
# What a figure takes with it: units, counters, the parts of dates and addresses.
_UNITS = frozenset(
    "円銭個本枚点袋箱缶杯回名人様才歳年月日時分秒号階丁目番条級度匹台冊粒包組着足通種代周回倍割位件便口畳坪㎎㎏㎜㎝㎞㎡㎥㏄㎖ℓ㍑㌘㌔㍉㌢"
)
# After these an address of the web is broken when it must be.
_WEB_BREAKS = frozenset("/-_.?&=@#~")
_WEB = re.compile(r"(?:https?://|www\.|[\w.+-]+@[\w-]+\.)[!-~]*")


def is_western(character: str) -> bool:
    """Say whether the character belongs to a run that is kept whole: Latin, Greek, Cyrillic, Thai, figures, marks."""
    code = ord(character)
    return (code < 0x1100 and character not in SPACES) or 0x1E00 <= code < 0x2000 or character in _WESTERN_MARKS


def can_break(before: str, after: str) -> bool:
    """Say whether a line may end between these two characters."""
    if after in NOT_AT_START or before in NOT_AT_END or after in SPACES:
        return False
    if before == after and before in INSEPARABLE:
        return False
    if before in _FIGURES and after in _UNITS:
        return False
    if before in _FULL_FIGURES and after in _FULL_FIGURES:
        return False
    return not (is_western(before) and is_western(after))


def can_break_at(paragraph: str, place: int) -> bool:
    """Say the same of a place in a paragraph: the spaces before it go, and what stands before them ends the line."""
    if not can_break(paragraph[place - 1], paragraph[place]):
        return False
    return paragraph[place - 1] not in SPACES or paragraph[:place].rstrip(SPACES)[-1:] not in NOT_AT_END


def is_tolerable(paragraph: str, place: int) -> bool:
    """Say whether a line may end here when it must: inside a word, but neither mark nor bracket on the wrong side."""
    before, after = paragraph[place - 1], paragraph[place]
    return after not in NOT_AT_START and before not in NOT_AT_END and after not in SPACES


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


def break_paragraph(
    paragraph: str,
    reach: Sequence[float],
    width: float,
    *,
    hanging: bool = True,
    preferred: Collection[int] | None = None,
    whole: Collection[int] = (),
) -> list[tuple[int, int]]:
    """Return where each line starts and stops, without the spaces at its end.

    `reach[i]` is the width of the first i characters. With `hanging` a stop or comma may stand over the edge
    (ぶら下げ). `preferred` are the only places to break at as long as a line has one; at places in `whole` no line is
    ever broken. A piece wider than the line is broken where it must be.
    """
    lines = []
    start, end = 0, len(paragraph)
    while reach[end] - reach[start] > width:
        fitting = bisect_right(reach, reach[start] + width, start + 1) - 1
        last = _let_hang(paragraph, start, fitting, hanging)
        stop = end if last == end else _find_break(paragraph, start, last, preferred, whole)
        if stop is None:
            # At least what the first letter stands for.
            first = bisect_right(reach, reach[start + 1]) - 1
            stop = _force_break(paragraph, start, max(fitting, first, start + 1), hanging, whole)
        if stop >= end:
            break
        lines.append((start, start + len(paragraph[start:stop].rstrip(SPACES))))
        start = stop
    lines.append((start, start + len(paragraph[start:].rstrip(SPACES))))
    return lines


def _find_break(
    paragraph: str, start: int, last: int, preferred: Collection[int] | None, whole: Collection[int]
) -> int | None:
    """Return the last place up to `last` where the line may end."""
    fallback = None
    for stop in range(last, start, -1):
        if stop in whole or not can_break_at(paragraph, stop):
            continue
        if preferred is None or stop in preferred or paragraph[stop - 1] in SPACES:
            return stop
        fallback = fallback or stop
    return fallback


def _force_break(paragraph: str, start: int, fitting: int, hanging: bool, whole: Collection[int]) -> int:
    """Return where to break what is wider than the line: in an address of the web after a mark, else in a word rather
    than before what may not begin a line; last of all after what fits.
    """
    last = _let_hang(paragraph, start, fitting, hanging)
    if last >= len(paragraph):
        return last
    places = [place for place in range(last, start, -1) if place not in whole and is_tolerable(paragraph, place)]
    web = _WEB.match(paragraph, start)
    if web is not None:
        marked = [place for place in places if paragraph[place - 1] in _WEB_BREAKS and paragraph[place] != "/"]
        # Not so early that the line stays nearly empty.
        places = [place for place in marked if place - start > (fitting - start) // 2] or places
    if places:
        return places[0]
    return next((place for place in range(last, start, -1) if place not in whole), last)


def _let_hang(paragraph: str, start: int, fitting: int, hanging: bool) -> int:
    """Return the place after one stop or comma and the spaces that follow what fits."""
    end = len(paragraph)
    stop = fitting
    if hanging and stop < end and paragraph[stop] in HANGING and stop > start:
        stop += 1
    while stop < end and paragraph[stop] in SPACES:
        stop += 1
    return stop
