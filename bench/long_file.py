"""Writes one long file and prints the most memory it took in MiB: `python -m bench.long_file PAGES SEED [DATA]`."""

import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from bench.slips import draw_slips, make_copy, make_template, read_slips
from documents.render import write_copies
from documents.specs import CopySpec

AT_ONCE = 1000


def list_copies(pages: int, seed: int, data: Path | None) -> Iterator[CopySpec]:
    """Give so many copies; those of a data folder again and again until they are enough."""
    template = make_template()
    if data is not None:
        yield from (make_copy(template, slip) for slip in islice(cycle(read_slips(data)), pages))
        return
    for start in range(0, pages, AT_ONCE):
        for slip in draw_slips(seed + start, min(AT_ONCE, pages - start)):
            yield make_copy(template, slip)


def main() -> None:
    pages, seed = int(sys.argv[1]), int(sys.argv[2])
    data = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    # What the process that started this one took is not ours: the mark begins anew.
    Path("/proc/self/clear_refs").write_text("5")
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "long.pdf").open("wb") as sink:
        write_copies(list_copies(pages, seed, data), sink)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    print(int(peak.group(1)) / 1024)


if __name__ == "__main__":
    main()
