"""python -m clapboard.engines.nava.check FILE.safetensors: does this implementation compute what the release does?

Prints the largest error of every case, sampler step, table and training loss of a golden set (FILE.json beside it)
and exits with 0 only if all are within the float32 tolerances.
"""

import sys
from pathlib import Path

import torch

from clapboard.engines.nava.golden import Error, Golden
from clapboard.errors import ClapboardError


def line(error: Error) -> str:
    """One row of the table."""
    verdict = "ok" if error.is_within else "TOO LARGE"
    return f"{error.kind:<9} {error.name:<32} {error.largest:>10.2e} {error.tolerance:>10.0e}  {verdict}"


def main(arguments: list[str]) -> int:
    """Check one golden set; the exit status."""
    if len(arguments) != 1:
        print("usage: python -m clapboard.engines.nava.check FILE.safetensors", file=sys.stderr)
        return 1
    try:
        golden = Golden.open(Path(arguments[0]))
        print(f"{'kind':<9} {'name':<32} {'largest':>10} {'allowed':>10}")
        errors = []
        with torch.no_grad():
            for error in golden.errors():
                errors.append(error)
                print(line(error))
    except ClapboardError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    failed = [error for error in errors if not error.is_within]
    print(f"\n{len(errors) - len(failed)} of {len(errors)} within tolerance (float32, torch {torch.__version__})")
    return 1 if failed or not errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
