"""Numbers as a message shows them: what was given, and from where to where they may lie."""

from typing import Final

_LONGEST: Final = 40


def show_given(value: object) -> str:
    """Return what was entered, cut where it is long; figures in groups of three."""
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return show_number(value)
    return "[…]" if isinstance(value, list) else "{…}"


def show_number(value: float) -> str:
    """Return 1,000 for 1000 and 12.5 for 12.5; very large ones by their power of ten."""
    if isinstance(value, int):
        # The very long are not written out: Python itself refuses that.
        return f"{value:,}" if abs(value) < 10**18 else "±10^18…"
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:,.1f}"  # 12.0 is no whole number to a strict reader: it is shown as it was written
    return f"{value:,.10g}" if abs(value) < 1e15 else f"{value:g}"


def tell_range(low: float | None, high: float | None) -> tuple[str, str]:
    """Return the range in Japanese and English; both empty without bounds."""
    least, most = _show_bound(low), _show_bound(high)
    if low is None:
        return ("", "") if high is None else (f"{most}以下", f"of at most {most}")
    if high is None:
        return f"{least}以上", f"of at least {least}"
    return f"{least}〜{most}", f"from {least} to {most}"


def _show_bound(bound: float | None) -> str:
    return "" if bound is None else show_number(int(bound) if bound == int(bound) else bound)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
