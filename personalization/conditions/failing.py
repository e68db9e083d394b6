"""Which conditions kept a rule from matching, as sentences: those that decided, not the whole tree. Pure."""

from collections.abc import Sequence

from personalization.conditions.explanation import Explanation, Words


def list_failing(explanation: Explanation) -> list[Words]:
    """Return one sentence per condition that stood against it; empty when it matched."""
    return _walk(explanation, wanted=True)


def _walk(node: Explanation, *, wanted: bool) -> list[Words]:
    """Return what keeps `node` from coming out as wanted. An unknown result is never what was wanted."""
    if node.result is wanted:
        return []
    match node.kind:
        case "comparison":
            return [_tell(node, wanted=wanted)]
        case "not":
            return _walk(node.parts[0], wanted=not wanted)
        case "always":
            return [Words("どの出荷にも当てはまるため", "it holds for every parcel")]
        case _:
            # To come out as wanted an "all" needs each of its parts, an "any" one of them; unwanted it is the reverse.
            if (node.kind == "all") is wanted:
                found = [_walk(part, wanted=wanted) for part in _find_deciding(node.parts, wanted=wanted)]
                return [words for each in found for words in each]
            return _join_alternatives([_walk(part, wanted=wanted) for part in node.parts])


def _find_deciding(parts: Sequence[Explanation], *, wanted: bool) -> list[Explanation]:
    """Return the parts that say no; where none does, those that are unknown."""
    opposed = [part for part in parts if part.result is (not wanted)]
    return opposed or [part for part in parts if part.result is None]


def _join_alternatives(found: Sequence[Sequence[Words]]) -> list[Words]:
    """Say as one sentence what any one of would have been enough."""
    flat = [words for each in found for words in each]
    if len(flat) < 2:
        return flat
    ja = "、".join(words.ja for words in flat)
    en = "; ".join(words.en for words in flat)
    return [Words(f"次のどれか1つで足りました: {ja}", f"any one of these would have been enough: {en}")]


def _tell(node: Explanation, *, wanted: bool) -> Words:
    actual = node.actual or Words("不明", "unknown")
    ja = f"条件は「{node.expected.ja}」" if wanted else f"条件は「{node.expected.ja}」ではないこと"
    en = f"it needs “{node.expected.en}”" if wanted else f"it must not be “{node.expected.en}”"
    if node.result is None:
        return Words(f"{ja}ですが、分かっていません", f"{en}, which is not known")
    return Words(f"{ja}ですが、実際は {actual.ja}", f"{en}, but it was {actual.en}")
