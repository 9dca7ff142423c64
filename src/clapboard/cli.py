"""The `clapboard` command: parse, call one function of `make`, print. Exit codes: 0 done, 1 our error, 2 usage."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from clapboard import __version__, engines
from clapboard.errors import Cancelled, ClapboardError, InputError
from clapboard.timeline import Retake, Stem, Timeline

if TYPE_CHECKING:
    from clapboard.director import Options
    from clapboard.make import Film
    from clapboard.progress import Progress
    from clapboard.quality import Report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a prompt into one film with its sound. Picture and sound come from one timeline.",
)

Prompt = Annotated[str, typer.Argument(help="What to see and hear, in plain English.", show_default=False)]
FilmFile = Annotated[Path, typer.Argument(help="A film made by Clapboard.", show_default=False)]
Output = Annotated[Path, typer.Option("-o", "--output", help="File to write; - streams to standard output.")]
EngineName = Annotated[str, typer.Option("--engine", help="See `clapboard engines`.")]
Seconds = Annotated[float | None, typer.Option("--seconds", help="Length; default: what the prompt says, or 8.")]
Size = Annotated[str, typer.Option("--size", help="Width x height in pixels, even.")]
Fps = Annotated[str, typer.Option("--fps", help="Frames a second: 24, 29.97, 24000/1001 ...")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed makes another film of the same prompt.")]
StemsFolder = Annotated[Path | None, typer.Option("--stems", help="Folder for 24-bit WAV stems.")]
MasterOption = Annotated[
    str | None, typer.Option("--master", help="web, apple, broadcast-eu, broadcast-us or off.", show_default="web")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one machine-readable object.")]

Result = TypeVar("Result")


def _options(seconds: float | None, size: str, fps: str, seed: int, master: str | None) -> "Options":
    from clapboard.clock import parse_rate
    from clapboard.director import Options

    try:
        width, height = (int(side) for side in size.lower().split("x"))
    except ValueError:
        raise InputError(f"size {size!r} is not WIDTHxHEIGHT; write for example 1280x720") from None
    return Options(duration_s=seconds, fps=parse_rate(fps), size=(width, height), seed=seed, master=master or "web")


def _with_bars(work: "Callable[[Progress], Result]") -> Result:
    from clapboard.terminal import bars

    try:
        with bars() as progress:
            return work(progress)
    except KeyboardInterrupt:
        raise Cancelled("stopped; no file was written") from None


def _show_film(film: "Film", as_json: bool) -> None:
    if as_json:
        files = {stem.value: str(path) for stem, path in film.stems.items()}
        body = {"path": str(film.path), "stems": files, "timeline": film.timeline.model_dump(mode="json")}
        print(json.dumps(body | {"report": film.report.model_dump(mode="json")}, ensure_ascii=False))
        return
    print(film.path)
    for path in film.stems.values():
        print(path)
    _show_report(film.report)


def _show_report(report: "Report") -> None:
    for line in report.lines():
        print(line)


@app.command()
def generate(
    prompt: Prompt,
    output: Output = Path("film.mp4"),
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = "1280x720",
    fps: Fps = "24",
    seed: Seed = 0,
    stems: StemsFolder = None,
    master: MasterOption = None,
    as_json: AsJson = False,
) -> None:
    """Make a film from a prompt."""
    from clapboard import make

    options = _options(seconds, size, fps, seed, master)
    timeline = make.plan(prompt, engine=engine, options=options)
    _film(timeline, output, engine, stems, as_json)


def _film(timeline: Timeline, output: Path, engine: str, stems: Path | None, as_json: bool) -> None:
    from clapboard import make

    if str(output) == "-":
        _with_bars(lambda progress: make.stream(timeline, sys.stdout.buffer, engine=engine, progress=progress))
        return
    film = _with_bars(lambda progress: make.render(timeline, output, engine=engine, stems=stems, progress=progress))
    _show_film(film, as_json)


@app.command()
def plan(
    prompt: Annotated[str, typer.Argument(help="What to see and hear.")] = "",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="YAML file; default: print.")] = None,
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = "1280x720",
    fps: Fps = "24",
    seed: Seed = 0,
    master: MasterOption = None,
    as_json: AsJson = False,
    json_schema: Annotated[bool, typer.Option("--json-schema", help="Print the Timeline's JSON schema.")] = False,
) -> None:
    """Print the Timeline of a prompt, to read and edit."""
    from clapboard import make, media

    if json_schema:
        print(json.dumps(Timeline.model_json_schema(), indent=2))
        return
    timeline = make.plan(prompt, engine=engine, options=_options(seconds, size, fps, seed, master))
    text = timeline.to_json() + "\n" if as_json else timeline.to_yaml()
    if output is None:
        print(text, end="")
    else:
        media.write_text(output, text)


@app.command()
def render(
    plan_file: Annotated[Path, typer.Argument(help="A Timeline, YAML or JSON.", show_default=False)],
    output: Output = Path("film.mp4"),
    engine: EngineName = engines.DEFAULT,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Film a Timeline."""
    from clapboard import media

    _film(Timeline.from_text(media.read_text(plan_file)), output, engine, stems, as_json)


@app.command()
def retake(
    film: FilmFile,
    output: Output,
    stem: Annotated[Stem | None, typer.Option("--stem", help="Only this stem.")] = None,
    from_s: Annotated[float | None, typer.Option("--from", help="Start of the window, seconds.")] = None,
    to_s: Annotated[float | None, typer.Option("--to", help="End of the window, seconds.")] = None,
    note: Annotated[str | None, typer.Option("--note", help='A room, such as "short reverb, furnished room".')] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Default: one that was not used yet.")] = None,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the sound again under the same picture."""
    from clapboard import make

    fields = {"stem": stem, "from_s": from_s, "to_s": to_s, "note": note, "seed": seed}
    again = Retake.parse({name: value for name, value in fields.items() if value is not None})
    made = _with_bars(lambda progress: make.retake(film, output, again, stems=stems, progress=progress))
    _show_film(made, as_json)


Gain = Annotated[str | None, typer.Option(help="Gain in dB, or off.", show_default=False)]


@app.command()
def mix(
    film: FilmFile,
    output: Output,
    dialogue: Gain = None,
    effects: Gain = None,
    ambience: Gain = None,
    music: Gain = None,
    master: MasterOption = None,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Balance the stems anew under the same picture."""
    from clapboard import make
    from clapboard.timeline import Mix

    asked = {Stem.DIALOGUE: dialogue, Stem.EFFECTS: effects, Stem.AMBIENCE: ambience, Stem.MUSIC: music}
    gains = {stem: _gain_db(stem, text) for stem, text in asked.items() if text is not None}
    desk = None if master is None else Mix.parse({"master": master}).master

    def work(progress: "Progress") -> "Film":
        return make.mix(film, output, gains_db=gains, master=desk, stems=stems, progress=progress)

    _show_film(_with_bars(work), as_json)


def _gain_db(stem: Stem, text: str) -> float | None:
    if text == "off":
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--{stem.value} {text!r} is neither a gain in dB nor off; write for example -6") from None


@app.command()
def still(
    prompt: Prompt,
    output: Output = Path("still.png"),
    at: Annotated[float, typer.Option("--at", help="Time in seconds.")] = 0.0,
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = "1280x720",
    fps: Fps = "24",
    seed: Seed = 0,
) -> None:
    """Paint one frame of a prompt's film."""
    from clapboard import make

    timeline = make.plan(prompt, engine=engine, options=_options(seconds, size, fps, seed, None))
    print(make.still(timeline, output, at_s=at, engine=engine))


@app.command()
def report(
    film: FilmFile,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a readable page.")] = None,
) -> None:
    """Measure what is really in a film's file."""
    from clapboard import make

    if html is None:
        found = _with_bars(lambda progress: make.report(film, progress=progress))
    else:
        found = _with_bars(lambda progress: make.report_page(film, html, progress=progress))
    if as_json:
        print(found.model_dump_json())
    else:
        _show_report(found)


@app.command(name="engines")
def list_engines() -> None:
    """List the installed engines."""
    for name in engines.names():
        print(f"{name:10} {engines.load(name).summary}")


@app.command()
def warmup() -> None:
    """Compile the kernels now, so that the first film starts at once."""
    import tempfile

    from clapboard import make

    with tempfile.TemporaryDirectory() as folder:
        for prompt in make.WARMUP_PROMPTS:
            options = _options(0.5, "320x180", "24", 0, None)
            make.generate(prompt, Path(folder) / "warm.mp4", options=options)


def _version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    del version


def main() -> NoReturn:
    """Entry point: our errors become one line on standard error."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a kill tidies up as Ctrl-C does
    try:
        app()
        sys.exit(0)
    except ClapboardError as error:
        print(f"clapboard: {error}", file=sys.stderr)
        # the reader of a stream may be gone: what is left for it goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
