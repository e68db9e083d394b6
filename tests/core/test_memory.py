"""Large arrays leave nothing behind."""

import gc
import subprocess
import sys

from core.memory import leaving_alone, without_collecting

SCRIPT = """
import numpy, psutil
from core.memory import give_back_large_blocks
give_back_large_blocks()
held = lambda: psutil.Process().memory_info().rss >> 20
before = held()
# What is freed first teaches the library to keep blocks of this size; small things in between tear its pool.
for _ in range(8):
    large, small = [], []
    for _ in range(16):
        large.append(numpy.ones(1_250_000))
        small.append(bytearray(50_000))
    del large
print(held() - before)
"""


def test_what_large_arrays_took_is_given_back() -> None:
    found = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    assert int(found.stdout) < 40


def test_what_is_made_without_collecting_is_left_alone_while_what_comes_after_it_is_looked_at() -> None:
    with without_collecting():
        assert not gc.isenabled()
        with leaving_alone():
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
