"""Orders a line in which words run leftward (Arabic, Hebrew) among Japanese: what UAX 9 says of a rightward line."""

from collections.abc import Sequence

from documents.shaping import Cluster

_FIGURES = frozenset("0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
_IN_NUMBERS = frozenset(".,/")
_OPENING = {")": "(", "]": "[", "»": "«", "）": "（", "」": "「"}
_MIRRORED = _OPENING | {opening: closing for closing, opening in _OPENING.items()}
_BETWEEN = frozenset(",.-،/") | frozenset(_OPENING.values())


def order_clusters(clusters: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    """Return the clusters of a line from left to right: what stands between words that run leftward runs so, too."""
    if not any(cluster.leftward for cluster in clusters):
        return clusters
    ordered: list[Cluster] = []
    start = 0
    while start < len(clusters):
        stop = _find_end(clusters, start) if clusters[start].leftward else start + 1
        ordered.extend(_turn_around(clusters[start:stop]))
        start = stop
    return tuple(ordered)


def _find_end(clusters: tuple[Cluster, ...], start: int) -> int:
    """Return the end of a run of leftward words and figures, and of the spaces and marks between them."""
    stop = start + 1
    for place in range(start + 1, len(clusters)):
        cluster = clusters[place]
        if cluster.leftward or is_figure((cluster,)) or _closes(clusters[start : stop + 1], cluster):
            stop = place + 1
        elif not (cluster.text.isspace() or cluster.text in _BETWEEN):
            break
    return stop


def _closes(before: tuple[Cluster, ...], cluster: Cluster) -> bool:
    """Say whether it is the bracket that closes one of these words."""
    return cluster.text in _OPENING and any(each.text == _OPENING[cluster.text] for each in before)


def _turn_around(run: tuple[Cluster, ...]) -> list[Cluster]:
    """Return a leftward run from left to right: figures as they are, brackets still around what they were around."""
    brackets = {each.text: each for each in run if each.text in _MIRRORED}
    turned = [cluster for item in reversed(_join_figures(run)) for cluster in item]
    return [brackets.get(_MIRRORED.get(each.text, ""), each) for each in turned]


def _join_figures(run: tuple[Cluster, ...]) -> list[list[Cluster]]:
    """Return the clusters by themselves but those of one number together: it runs rightward.

    A hyphen parts numbers among Arabic words, not among Hebrew ones (UAX 9: W2, W4).
    """
    joining = _IN_NUMBERS | ({"-"} if run[0].text < "\u0600" else set())
    items: list[list[Cluster]] = []
    for place, cluster in enumerate(run):
        inside = is_figure((cluster,)) or (cluster.text in joining and is_figure(run[place + 1 : place + 2]))
        if items and inside and _ends_in_number(items[-1], joining):
            items[-1].append(cluster)
        else:
            items.append([cluster])
    return items


def _ends_in_number(item: list[Cluster], joining: frozenset[str] | set[str]) -> bool:
    return is_figure(item[-1:]) or (len(item) > 1 and item[-1].text in joining)


def is_figure(clusters: Sequence[Cluster]) -> bool:
    """Say whether it begins with a figure: one that stands among leftward words as they do."""
    return bool(clusters) and clusters[0].text[0] in _FIGURES
