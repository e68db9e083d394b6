"""How fast slips are drawn, beside what else can be installed; how large they are; what a long file takes in memory.

Processor time, not the clock: pages a second of one core. Peers draw the same slips in the same run.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Any, Final

import qrcode
import segno
import zxingcpp

from bench.harness import HERE, Goal
from bench.slip_peers import PEERS
from bench.slips import Slip, draw_slips, make_copy, make_template
from documents.matrix_codes import encode_qr
from documents.render import render_copies
from documents.specs import CopySpec

GOALS: Final = (
    Goal("pages_per_s_per_core", "A4 slips with a code each, written per core", least=8000),
    Goal("ratio_best_peer", "… times the best peer in the same run", least=5),
    Goal("bytes_per_page", "… bytes a page", most=1500),
    Goal("qr_us", "one QR symbol, microseconds", most=5),
    Goal("peak_mib", "… memory for a file of 100,000 pages, MiB", most=300),
    Goal("two_workers_ratio", "… two processes against one", least=1.8),
)


def measure_pages(copies: Sequence[CopySpec], runs: int) -> tuple[float, float]:
    """Return pages a second of processor time, and bytes a page."""
    render_copies(copies[:50])
    found, size = [], 0
    for _ in range(runs):
        gc.collect()
        begun = time.process_time()
        document = render_copies(copies)
        found.append(document.pages / (time.process_time() - begun))
        size = len(document.data)
    return median(found), size / len(copies)


def measure_peer(draw: Callable[[Sequence[Slip]], bytes], slips: Sequence[Slip], runs: int) -> float:
    draw(slips[:3])
    found = []
    for _ in range(runs):
        begun = time.process_time()
        draw(slips)
        found.append(len(slips) / (time.process_time() - begun))
    return median(found)


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
        begun = time.process_time()
        for url in urls[:count]:
            make(url)
        found[name] = (time.process_time() - begun) / min(count, len(urls)) * 1e6
    return found


def _draw_by_qrcode(url: str) -> Any:
    symbol = qrcode.QRCode(version=3, mask_pattern=3)
    symbol.add_data(url)
    symbol.make(fit=False)
    return symbol.modules


def measure_memory(pages: int, seed: int) -> float:
    """Return the peak of a process of its own that writes a long file, in MiB."""
    command = [sys.executable, "-m", "bench.long_file", str(pages), str(seed)]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def _write_part(part: tuple[int, int]) -> int:
    seed, count = part
    template = make_template()
    return render_copies(make_copy(template, slip) for slip in draw_slips(seed, count)).pages


def measure_two(count: int, seed: int) -> float:
    """Return how much sooner two processes have drawn the same slips than one, by the clock."""
    parts = [(seed + number, count // 4) for number in range(4)]
    took = []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_write_part, [(seed, 20)] * workers))
            begun = time.perf_counter()
            list(pool.map(_write_part, parts))
            took.append(time.perf_counter() - begun)
    return took[0] / took[1]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    slips = draw_slips(options.seed, options.pages)
    template = make_template()
    rate, size = measure_pages([make_copy(template, slip) for slip in slips], options.runs)
    peers = (
        {} if options.alone else {k: measure_peer(f, slips[:n], min(options.runs, 3)) for k, (f, n) in PEERS.items()}
    )
    best = max(peers.values(), default=float("nan"))
    return {
        "pages_per_s_per_core": round(rate),
        "ratio_best_peer": round(rate / best, 1),
        "bytes_per_page": round(size),
        **{name: round(us, 1) for name, us in measure_codes([slip.url for slip in slips]).items()},
        "peak_mib": round(measure_memory(options.long, options.seed)),
        "two_workers_ratio": round(measure_two(options.pages, options.seed), 2),
        **{f"{name}_pages_per_s": round(value, 1) for name, value in peers.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many")
    parser.add_argument("--seconds", type=int, default=0, help="not used: a run is a number of pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=4000)
    parser.add_argument("--long", type=int, default=100_000, help="pages of the long file")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    options = parser.parse_args()
    print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
