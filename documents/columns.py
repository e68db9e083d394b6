"""Sets text in columns (縦書き): which letters stand upright, which are turned, two figures side by side (縦中横)."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from documents.errors import Refusal
from documents.font_files import EMOJI, load_font
from documents.linebreaking import HANGING, break_paragraph, is_western
from documents.phrases import find_phrases
from documents.shaping import Cluster, UndrawableError, measure_clusters
from documents.typefaces import reach_clusters
from documents.typesetting import TypeStyle, find_inner_places, list_places, show_as_letters
from documents.units import MM

EM = 1000.0
_TOLERANCE = 0.01
_WIDEST_SPREAD = 0.18
_PAIR = re.compile(r"(?<![!-~])(?:[0-9]{2}|!!|!\?|\?!|\?\?)(?![!-~])")
_SINGLE = re.compile(r"(?<![!-~])[0-9A-Za-z!?%&](?![!-~])")
_KANJI = str.maketrans("0123456789０１２３４５６７８９", "〇一二三四五六七八九〇一二三四五六七八九")
_BETWEEN_FIGURES = re.compile("(?<=[0-9０-９])[-‐–−－](?=[0-9０-９])")
# Turned where the font has no vertical form of them (UTR 50: they have a direction).
_TURNED = frozenset("‐‑‒–—―…‥〜～゠＝−→←↑↓＿｜：；")


class Stand(Enum):
    """How letters stand in a column."""

    UPRIGHT = "upright"
    BESIDE = "beside"  # letters of the horizontal font, side by side within one em
    TURNED = "turned"
    RUBY = "ruby"


class Unit(NamedTuple):
    """Letters that stand in a column in one way, one below the other. `cluster.advance` runs down the column."""

    stand: Stand
    cluster: Cluster
    letters: tuple[Cluster, ...] = ()
    ruby: tuple["Unit", ...] = ()


class Column(NamedTuple):
    """`indent` from the top of the box and `tracking`, in points."""

    units: tuple[Unit, ...]
    indent: float
    tracking: float
    begins: bool = False


def write_in_kanji(text: str) -> str:
    """Return the text with figures as they are written in columns: 1-23 as 一ー二三."""
    return _BETWEEN_FIGURES.sub("ー", text).translate(_KANJI)


def set_columns(text: str, style: TypeStyle, height: float) -> list[Column]:
    """Break a text to a height in points, and align its columns."""
    columns: list[Column] = []
    for number, paragraph in enumerate(text.split("\n")):
        first = len(columns)
        columns.extend(_set_paragraph(paragraph, style, height))
        if number:
            columns[first] = columns[first]._replace(begins=True)
    return columns


def _set_paragraph(paragraph: str, style: TypeStyle, height: float) -> Iterator[Column]:
    units = tuple(list_units(paragraph, style))
    clusters = [unit.cluster for unit in units]
    visible = "".join(map(show_as_letters, clusters))
    unit = style.size / 1000
    spans = break_paragraph(
        visible,
        reach_clusters(clusters, style.tracking, [0.0] * len(clusters)),
        (height + _TOLERANCE) / unit,
        hanging=style.hanging,
        preferred=find_phrases(visible) if style.phrases else None,
        whole=find_inner_places(clusters),
    )
    places = list_places(clusters)
    for number, (start, stop) in enumerate(spans):
        own = tuple(unit for unit, place in zip(units, places, strict=True) if start <= place < stop)
        yield _align(own, style, height, number < len(spans) - 1)


def _align(units: tuple[Unit, ...], style: TypeStyle, height: float, spread: bool) -> Column:
    tracking = style.tracking * style.size
    if not units:
        return Column((), 0.0, tracking)
    used = sum(unit.cluster.advance + style.tracking * 1000 for unit in units) * style.size / 1000 - tracking
    slack = height - used
    hangs = units[-1].cluster.text in HANGING
    if slack < -_TOLERANCE and not hangs:
        raise UndrawableError(Refusal.TOO_LONG, "", f"{used / MM:.1f} > {height / MM:.1f} mm")
    if style.align != "justify":
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[style.align]
        return Column(units, max(slack, 0.0) * share, tracking)
    gaps = len(units) - 1
    if slack < 0 and hangs:
        slack, gaps = slack + style.size, gaps - 1
        spread = True
    extra = max(slack, 0.0) / max(gaps, 1)
    return Column(units, 0.0, tracking + (extra if spread and extra <= _WIDEST_SPREAD * style.size else 0.0))


def list_units(text: str, style: TypeStyle) -> Iterator[Unit]:
    """Give the units of a text in order."""
    beside = {match.start(): match.end() for match in _PAIR.finditer(text)}
    single = {match.start() for match in _SINGLE.finditer(text)}
    place, waiting = 0, 0
    letters: list[Cluster] = []
    for cluster in style.face.lay_out(text):
        if place in beside:
            waiting = beside[place]
        place += len(cluster.text)
        if waiting:
            letters.append(cluster)
            if place >= waiting:
                yield _put_beside(tuple(letters))
                letters, waiting = [], 0
        elif place - 1 in single:
            yield _put_beside((cluster,))
        else:
            yield _stand(cluster, style)


def _put_beside(letters: tuple[Cluster, ...]) -> Unit:
    whole = letters[0]._replace(text="".join(each.text for each in letters), advance=EM)
    return Unit(Stand.BESIDE, whole, letters)


def _stand(cluster: Cluster, style: TypeStyle) -> Unit:
    if cluster.base:
        return _set_ruby(cluster, style)
    if cluster.font == EMOJI:
        return _put_beside((cluster,))
    character = cluster.text[0]
    if cluster.placed or is_western(character):
        return Unit(Stand.TURNED, cluster, (cluster,))
    code = load_font(cluster.font).get_vertical_code(cluster.text) if len(cluster.text) == 1 else None
    if code is not None:
        return Unit(Stand.UPRIGHT, cluster._replace(data=code.to_bytes(2, "big"), advance=EM))
    if character in _TURNED:
        return Unit(Stand.TURNED, cluster, (cluster,))
    # Half-width spaces keep their width; all other letters stand on a full em.
    return (
        Unit(Stand.UPRIGHT, cluster._replace(advance=EM))
        if character != " "
        else Unit(Stand.TURNED, cluster, (cluster,))
    )


def _set_ruby(cluster: Cluster, style: TypeStyle) -> Unit:
    base = tuple(_stand(each, style) for each in cluster.base)
    ruby = tuple(_stand(each, style) for each in cluster.ruby)
    length = max(measure_units(base), measure_units(ruby) / 2)
    return Unit(Stand.RUBY, cluster._replace(advance=length), tuple(unit.cluster for unit in base), (*base, *ruby))


def split_ruby(unit: Unit) -> tuple[tuple[Unit, ...], tuple[Unit, ...]]:
    """Return the units of the letters and those of their reading."""
    count = len(unit.letters)
    return unit.ruby[:count], unit.ruby[count:]


def measure_units(units: Sequence[Unit]) -> float:
    """Return the length of a column in 1/1000 em."""
    return measure_clusters(tuple(unit.cluster for unit in units))
