"""How fast slips are drawn, beside what else can be installed; how large they are; what a long file takes in memory.

Processor time, not the clock: pages a second of one core. Peers draw the same slips in the same run, by turns with us.
`--data DIR` draws the slips of `DIR/slips.json` (docs/performance.md); `--wave` adds what a real wave comes to.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import qrcode
import segno
import zxingcpp

from bench.harness import HERE, Goal
from bench.slip_peers import PEERS
from bench.slips import Slip, draw_slips, make_copy, make_template, read_slips
from documents.matrix_codes import encode_qr
from documents.render import render_copies
from documents.specs import CopySpec

OURS: Final = "soegaki"
_CODE_ROUNDS: Final = 7
GOALS: Final = (
    Goal("pages_per_s_per_core", "A4 slips with a code each, written per core", least=8000),
    Goal("ratio_best_peer", "… times the best peer in the same run", least=5),
    Goal("bytes_per_page", "… bytes a page", most=1500),
    Goal("qr_us", "one QR symbol, microseconds", most=5),
    Goal("peak_mib", "… memory for a file of 100,000 pages, MiB", most=300),
    Goal("two_workers_ratio", "… two processes against one", least=1.8),
)


def measure_speeds(copies: Sequence[CopySpec], slips: Sequence[Slip], runs: int, alone: bool) -> dict[str, list[float]]:
    """Return pages a second of processor time, run by run: ours, and each peer's. Each round all take their turn, so
    that what else the machine does meets them alike.
    """
    drawn: dict[str, tuple[Callable[[], Any], int]] = {OURS: (lambda: render_copies(copies), len(copies))}
    if not alone:
        drawn |= {name: (partial(draw, slips[:count]), min(count, len(slips))) for name, (draw, count) in PEERS.items()}
        for draw, _ in PEERS.values():
            draw(slips[:3])
    render_copies(copies[:50])
    speeds: dict[str, list[float]] = {name: [] for name in drawn}
    for _ in range(runs):
        for name, (draw_all, count) in drawn.items():
            gc.collect()
            begun = time.process_time()
            draw_all()
            speeds[name].append(count / (time.process_time() - begun))
    return speeds


def measure_codes(urls: Sequence[str]) -> dict[str, float]:
    """Return microseconds a symbol."""
    makers: dict[str, tuple[Callable[[str], Any], int]] = {
        "qr_us": (lambda url: encode_qr(url.encode()), 2000),
        "qr_us_qrcode": (_draw_by_qrcode, 50),
        "qr_us_segno": (lambda url: segno.make_qr(url, version=3, error="m", mask=3), 100),
        "qr_us_zxing_cpp": (lambda url: zxingcpp.create_barcode(url, zxingcpp.BarcodeFormat.QRCode), 500),
    }
    found = {}
    for name, (make, count) in makers.items():
        make(urls[0])
        found[name] = min(_time_once(make, urls[:count]) for _ in range(_CODE_ROUNDS))
    return found


def _time_once(make: Callable[[str], Any], urls: Sequence[str]) -> float:
    begun = time.process_time()
    for url in urls:
        make(url)
    return (time.process_time() - begun) / len(urls) * 1e6


def _draw_by_qrcode(url: str) -> Any:
    symbol = qrcode.QRCode(version=3, mask_pattern=3)
    symbol.add_data(url)
    symbol.make(fit=False)
    return symbol.modules


def measure_memory(pages: int, seed: int, data: Path | None) -> float:
    """Return the peak of a process of its own that writes a long file, in MiB."""
    command = [sys.executable, "-m", "bench.long_file", str(pages), str(seed), *([str(data)] if data else [])]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def _write_for(seconds: float, seed: int) -> float:
    """Draw slips for so long, and return the pages a second."""
    template = make_template()
    copies = [make_copy(template, slip) for slip in draw_slips(seed, 1000)]
    render_copies(copies[:50])
    pages, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        pages += render_copies(copies).pages
    return pages / (time.perf_counter() - begun)


def measure_two(seed: int, seconds: float) -> float:
    """Return how many times the pages of one process two draw in the same time, by the clock."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_write_for, (0.1, 0.1), (seed, seed)))
        rounds = []
        for _ in range(3):
            one = pool.submit(_write_for, seconds, seed).result()
            rounds.append(sum(pool.map(_write_for, (seconds, seconds), (seed, seed + 1))) / one)
    return max(rounds)


def measure_wave() -> dict[str, Any]:
    """Print a real wave, in a program of its own."""
    command = [sys.executable, "-m", "bench.wave", "--json"]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return {name: told[name] for name in ("wave_pages_per_s", "wave_pages_per_cpu_s")}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    slips = read_slips(options.data) if options.data else draw_slips(options.seed, options.pages)
    template = make_template()
    copies = [make_copy(template, slip) for slip in slips]
    speeds = measure_speeds(copies, slips, options.runs, options.alone)
    document = render_copies(copies)
    peers = {name: median(found) for name, found in speeds.items() if name != OURS}
    best = max(peers, key=peers.__getitem__, default=OURS)
    # Each round is a comparison of its own.
    ratios = [ours / theirs for ours, theirs in zip(speeds[OURS], speeds[best], strict=True)]
    return {
        "pages_per_s_per_core": round(median(speeds[OURS])),
        "ratio_best_peer": round(median(ratios), 1),
        "bytes_per_page": round(len(document.data) / document.pages),
        **{name: round(us, 1) for name, us in measure_codes([slip.url for slip in slips]).items()},
        "peak_mib": round(measure_memory(options.long, options.seed, options.data)),
        "two_workers_ratio": round(measure_two(options.seed, 3.0), 2),
        "best_peer": best,
        **{f"{name}_pages_per_s": round(value, 1) for name, value in peers.items()},
        "runs": [round(speed) for speed in speeds[OURS]],
        "load": round(os.getloadavg()[0], 1),
        **(measure_wave() if options.wave else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many")
    parser.add_argument("--seconds", type=int, default=0, help="not used: a run is a number of pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="a folder with slips.json")
    parser.add_argument("--wave", action="store_true", help="print a real wave, too (as `bench.wave` does)")
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--long", type=int, default=100_000, help="pages of the long file")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    options = parser.parse_args()
    print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
