"""Writes one long file and prints the most memory it took in MiB: `python -m bench.long_file PAGES SEED`."""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.slips import draw_slips, make_copy, make_template
from documents.render import write_copies
from documents.specs import CopySpec

AT_ONCE = 1000


def list_copies(pages: int, seed: int) -> Iterator[CopySpec]:
    template = make_template()
    for start in range(0, pages, AT_ONCE):
        for slip in draw_slips(seed + start, min(AT_ONCE, pages - start)):
            yield make_copy(template, slip)


def main() -> None:
    pages, seed = int(sys.argv[1]), int(sys.argv[2])
    # What the process that started this one took is not ours: the mark begins anew.
    Path("/proc/self/clear_refs").write_text("5")
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "long.pdf").open("wb") as sink:
        write_copies(list_copies(pages, seed), sink)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    print(int(peak.group(1)) / 1024)


if __name__ == "__main__":
    main()
