"""Ruby in a text: the letters and their reading, between noncharacters that no value may hold (characters.py)."""

import re

_BEGIN, _READING, _END = "\ufdd0", "\ufdd1", "\ufdd2"
GROUP_START = _BEGIN
GROUP = f"{_BEGIN}[^{_BEGIN}{_READING}{_END}]+{_READING}[^{_BEGIN}{_READING}{_END}]+{_END}"
_SPACES = re.compile("[ \u3000]+")
# Size of the reading beside the letters.
SCALE = 0.5


def add_ruby(text: str, reading: str | None) -> str:
    """Return the text with its reading above it: word by word when both have as many words."""
    if not reading or not reading.strip():
        return text
    words, readings = _SPACES.split(text.strip()), _SPACES.split(reading.strip())
    if len(words) != len(readings):
        return _join(text.strip(), reading.strip())
    spaces = [*_SPACES.findall(text.strip()), ""]
    return "".join(_join(*pair) + space for *pair, space in zip(words, readings, spaces, strict=True))


def split_group(group: str) -> tuple[str, str]:
    """Return letters and reading of one group."""
    letters, _, reading = group[1:-1].partition(_READING)
    return letters, reading


def drop_ruby(text: str) -> str:
    """Return the text without its readings."""
    return re.sub(GROUP, lambda match: split_group(match.group())[0], text)


def _join(letters: str, reading: str) -> str:
    return letters if letters == reading else f"{_BEGIN}{letters}{_READING}{reading}{_END}"
