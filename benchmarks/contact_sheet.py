"""Contact sheets of the stage's places, to look at: rows are hours, columns weathers (or framings, or times).

python benchmarks/contact_sheet.py --place ocean_coast --out sheet.png
python benchmarks/contact_sheet.py --place window_room --columns framings --cast cat,candle --size 640x360
python benchmarks/contact_sheet.py --place lake_camp --hours night --columns times --times 0,0.04,1,4
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from clapboard import clock, media
from clapboard.engines.stage.registry import all_places, all_things
from clapboard.engines.stage.staging import StagePicture, stage_shot
from clapboard.timeline import Timeline

WEATHERS = {
    "clear": {},
    "clouds": {"clouds": 0.8},
    "rain": {"rain": 0.7, "clouds": 0.8, "wind": 0.4},
    "snow": {"snow": 0.7, "clouds": 0.7},
    "fog": {"fog": 0.7, "clouds": 0.5},
}
HOURS = ("dawn", "day", "dusk", "night")


def picture(args: argparse.Namespace, hour: str, weather: str, framing: str, at_s: float) -> np.ndarray:
    """One frame as RGB."""
    cast = [name for name in args.cast.split(",") if name]
    shot = {
        "id": "s1",
        "duration_s": 8,
        "place": args.place,
        "hour": hour,
        "season": "winter" if weather == "snow" else None,
        "weather": WEATHERS[weather] | ({"aurora": args.aurora} if weather == "clear" and hour == "night" else {}),
        "camera": {"framing": framing, "focus": cast[0] if cast else None, "moves": []},
        "cast": [{"id": name, "thing": name} for name in cast],
    }
    size = [int(side) for side in args.size.split("x")]
    timeline = Timeline.parse({"shots": [shot], "size": size, "seed": args.seed})
    staged = stage_shot(timeline, 0, args.seed)
    frame = clock.frame_at(at_s, timeline.fps)
    return media.to_rgb(next(StagePicture(timeline, [staged]).frames(frame, frame + 1)))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options from the command line, or from a list of words."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", required=True, choices=list(all_places()))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--hours", default=",".join(HOURS))
    parser.add_argument("--weather", default=",".join(WEATHERS))
    parser.add_argument("--framings", default="wide")
    parser.add_argument("--times", default="2")
    parser.add_argument("--cast", help=f"any of {', '.join(all_things())}", default="")
    parser.add_argument("--columns", choices=("weather", "framings", "times"), default="weather")
    parser.add_argument("--aurora", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(arguments)


def sheet(args: argparse.Namespace) -> np.ndarray:
    """The whole sheet as RGB."""
    lists = {name: getattr(args, name).split(",") for name in ("weather", "framings", "times")}
    if args.columns == "framings":
        lists["framings"] = ["wide", "medium", "close"]
    rows = []
    for hour in args.hours.split(","):
        row = []
        for column in lists[args.columns]:
            chosen = {name: column if name == args.columns else values[0] for name, values in lists.items()}
            row.append(picture(args, hour, chosen["weather"], chosen["framings"], float(chosen["times"])))
            place = (8, row[-1].shape[0] - 8)
            cv2.putText(row[-1], f"{hour} {column}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
        rows.append(np.concatenate(row, 1))
    return np.concatenate(rows, 0)


if __name__ == "__main__":
    chosen_args = parse()
    if chosen_args.out is None:
        raise SystemExit("--out FILE.png is needed")
    cv2.imwrite(str(chosen_args.out), sheet(chosen_args)[..., ::-1])
