"""Load from a compiled client (`load_client.c`), so that the generator is not what is measured."""

import json
import shutil
import struct
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("load_client.c")


def build_client(folder: Path) -> Path:
    """Compile the client into `folder`; raises RuntimeError where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise RuntimeError("The load client needs a C compiler (cc).")
    program = folder / "load_client"
    subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-o", program, SOURCE], check=True)
    return program


def format_request(path: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send_requests(
    client: Path, port: int, requests: Iterable[bytes], *, connections: int = 64, rate: float = 0
) -> dict[str, Any]:
    """Send each request once; returns count, seconds, per_second, p50_ms, p99_ms, max_ms and statuses."""
    file = client.with_name("requests.bin")
    with file.open("wb") as out:
        for request in requests:
            out.write(struct.pack("<I", len(request)) + request)
    told = subprocess.run(
        [client, str(port), file, str(connections), str(rate)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found
