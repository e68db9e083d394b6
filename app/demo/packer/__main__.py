"""`python -m app.demo.packer FILE`: works the assignment in FILE (JSON); the last line of its output is its report."""

import json
import sys
from pathlib import Path

from app.demo.packer.day import Assignment, Day


def main(path: str) -> None:
    assignment = Assignment(**json.loads(Path(path).read_text(encoding="utf-8")))
    print(json.dumps(Day(assignment).work(), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
