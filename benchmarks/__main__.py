"""Measure what a user waits for, and print one table.

    python -m benchmarks                  # everything, about six minutes on two cores
    python -m benchmarks --quick          # one place, 720p only

Every figure is of a whole `clapboard` command in a fresh process (start-up, planning, painting, sounding, encoding and
the report), after one warm-up run that fills the kernel cache. Real-time factor = seconds of film / seconds of work, so
above 1 is faster than real time. The encode floor is the same frames, already painted, through the same encoder.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clapboard import media
from clapboard.errors import MediaError

PROMPTS = {
    "window_room": "rain on a night window, a cat, a candle, soft piano, far thunder",
    "ocean_coast": "dusk at the ocean coast, a sailing boat passes the lighthouse, gulls cry, calm strings",
    "lake_camp": "a campfire crackles by a mountain lake at night under the aurora, an owl hoots",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One finished command: wall seconds, processor seconds, peak memory in MB (the largest process)."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def command(*arguments: str) -> Run:
    """Run `clapboard` with these arguments in a fresh process and take the system's account of it."""
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "clapboard", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"clapboard {' '.join(arguments)} failed")
    peak = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    return Run(wall_s=time.monotonic() - started, cpu_s=usage.ru_utime + usage.ru_stime, peak_mb=peak)


def median(*arguments: str, runs: int = 3) -> Run:
    """The run of median wall time."""
    return sorted((command(*arguments) for _ in range(runs)), key=lambda run: run.wall_s)[runs // 2]


def encode_floor_s(film: Path) -> float:
    """Seconds to encode the film's frames again, decoded beforehand, with the film's own settings."""
    script = [sys.executable, str(Path(__file__).parent / "encode_floor.py"), str(film)]
    return float(subprocess.run(script, check=True, capture_output=True, text=True).stdout)


def first_second_s(prompt: str) -> float:
    """Seconds from the request until the stream holds its first second of playable film."""
    arguments = [sys.executable, "-m", "clapboard", "generate", prompt, "-o", "-"]
    started, held = time.monotonic(), bytearray()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        while chunk := os.read(process.stdout.fileno(), 1 << 16):
            held += chunk
            arrived_s = time.monotonic() - started
            if _playable_frames(bytes(held)) >= 24:
                return arrived_s
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    raise SystemExit("the stream ended before its first second")


def _playable_frames(film: bytes) -> int:
    """Frames that decode from the beginning of a stream."""
    try:
        return sum(1 for _ in media.decode_frames(io.BytesIO(film)))
    except MediaError:
        return 0


def places(folder: Path, sizes: list[str], names: list[str]) -> Iterator[tuple[str, str]]:
    """Real-time factor of each place and size, against the encode floor."""
    for name in names:
        for size in sizes:
            film = folder / f"{name}-{size}.mp4"
            run = median("generate", PROMPTS[name], "--seconds", "8", "--size", size, "-o", str(film))
            floor_s = encode_floor_s(film)
            text = f"{8 / run.wall_s:5.2f} x real time ({run.wall_s:.2f} s wall, {run.cpu_s:.2f} s cpu, "
            yield f"{name} {size}", text + f"{run.wall_s / floor_s:.1f} x the encode floor, peak {run.peak_mb:.0f} MB)"


def memory(folder: Path) -> Iterator[tuple[str, str]]:
    """Peak memory of a short and a long film."""
    peaks = {}
    for seconds in ("8", "120"):
        film = folder / f"memory-{seconds}.mp4"
        peaks[seconds] = command("generate", PROMPTS["ocean_coast"], "--seconds", seconds, "-o", str(film)).peak_mb
    yield (
        "peak memory 8 s, 120 s",
        f"{peaks['8']:.0f} MB, {peaks['120']:.0f} MB (ratio {peaks['120'] / peaks['8']:.2f})",
    )


def retakes(folder: Path) -> Iterator[tuple[str, str]]:
    """Time of a retake and of a new mix against the full render."""
    film, again = folder / "whole.mp4", str(folder / "again.mp4")
    whole = median("generate", PROMPTS["window_room"], "--seconds", "8", "-o", str(film))
    for name, extra in (("retake", ("--stem", "ambience")), ("mix", ("--music", "-6"))):
        run = median(name, str(film), "-o", again, *extra)
        yield name, f"{run.wall_s:.2f} s, {run.wall_s / whole.wall_s:.2f} of the full render"


def starting() -> Iterator[tuple[str, str]]:
    """Import time and install size."""
    for label, code in (("python alone", "pass"), ("import clapboard", "import clapboard")):
        times = []
        for _ in range(5):
            started = time.monotonic()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.monotonic() - started)
        yield label, f"{statistics.median(times):.3f} s"
    packages = Path(sys.prefix) / "lib"
    size_mb = sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()) / 1e6
    yield "installed environment", f"{size_mb:.0f} MB (with the development tools when they are installed)"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one place, 720p only")
    args = parser.parse_args()
    names = ["window_room"] if args.quick else list(PROMPTS)
    sizes = ["1280x720"] if args.quick else ["1280x720", "1920x1080"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for prompt in PROMPTS.values():
            command("generate", prompt, "--seconds", "0.5", "-o", str(folder / "warm.mp4"))
        rows = [starting(), places(folder, sizes, names), retakes(folder)]
        rows.append(
            iter([("first playable second", f"{first_second_s(PROMPTS['window_room']):.2f} s after the request")])
        )
        if not args.quick:
            rows.append(memory(folder))
        for part in rows:
            for label, text in part:
                print(f"{label:28} {text}", flush=True)


if __name__ == "__main__":
    main()
