"""Makes every picture of the README, the docs and the examples with the code as it is.

python docs/make_pictures.py            # about five minutes on two cores
python docs/make_pictures.py yard       # the sheets of this place only
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import contact_sheet  # noqa: E402 - the repository's root is not on the path before

from clapboard import clock, make, media  # noqa: E402
from clapboard.director import Options  # noqa: E402
from clapboard.timeline import DEFAULT_FPS  # noqa: E402

IMAGES = ROOT / "docs" / "images"
CASTS = {
    "window_room": "cat,candle,mug,book",
    "ocean_coast": "sailboat,lighthouse,gull",
    "lake_camp": "campfire",
    "yard": "drum,rubber_ball,visitor",
}


def save(name: str, rgb: np.ndarray) -> None:
    """Write a JPEG."""
    path = IMAGES / f"{name}.jpg"
    cv2.imwrite(str(path), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 86])
    print(path.relative_to(ROOT), f"{path.stat().st_size // 1024} kB")


def strip(film: Path, seconds: tuple[float, ...]) -> np.ndarray:
    """Frames of a film of the usual rate at these times, side by side."""
    wanted = {clock.frame_at(second, DEFAULT_FPS) for second in seconds}
    chosen = [media.to_rgb(frame) for index, frame in enumerate(media.decode_frames(film)) if index in wanted]
    return np.concatenate([cv2.resize(rgb, (480, 270), interpolation=cv2.INTER_AREA) for rgb in chosen], 1)


def examples() -> None:
    """A strip and a report of each example film; the first one's frame is the README's picture."""
    lines = [
        "# Example films",
        "",
        "Made by `python docs/make_pictures.py`; make any of them with `clapboard generate`.",
        "",
    ]
    prompts = (ROOT / "examples" / "prompts.txt").read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for number, prompt in enumerate(prompts, 1):
            film = make.generate(prompt, Path(folder) / f"film{number}.mp4", options=Options())
            save(f"example_{number}", strip(film.path, (0.5, 2.7, 5.0, 7.5)))
            if number == 1:
                frames = enumerate(media.decode_frames(film.path))
                save("rain_on_a_night_window", next(media.to_rgb(frame) for index, frame in frames if index == 96))
            lines += [f"## {number}. {prompt}", "", f"![frames](../docs/images/example_{number}.jpg)", "", "```"]
            lines += [*film.report.lines(), "```", ""]
    (ROOT / "examples" / "README.md").write_text("\n".join(lines))


def sheets(places: Sequence[str]) -> None:
    """These places at every hour and weather, and at three framings."""
    for place in places:
        for columns in ("weather", "framings"):
            arguments = f"--place {place} --cast {CASTS[place]} --columns {columns} --size 480x270 --aurora 0.7"
            save(f"{place}_{columns}", contact_sheet.sheet(contact_sheet.parse(arguments.split())))


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    chosen = sys.argv[1:]
    if not chosen:
        examples()
    sheets(chosen or list(CASTS))
