"""The `clapboard` command: parse, call one function of `make`, print. Exit codes: 0 done, 1 our error, 2 usage.

Results go to standard output; progress, unstaged words and the one line of an error go to standard error.
"""

import json
import mimetypes
import os
import signal
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar, cast, get_args

import typer
from typer.core import TyperGroup

from clapboard import __version__, clock, engines
from clapboard.errors import Cancelled, ClapboardError, InputError, MediaError
from clapboard.timeline import DEFAULT_FPS, DEFAULT_MASTER, DEFAULT_SIZE, MasterName, Mix, Retake, Stem, Timeline

if TYPE_CHECKING:
    from clapboard.director import Options
    from clapboard.make import Film
    from clapboard.progress import Progress
    from clapboard.quality import Report


class _Commands(TyperGroup):
    """Our commands. Ctrl-C reaches them as `Cancelled`, wherever the work is."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's context; typer does not name its type
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Cancelled("stopped before the end; what was unfinished is removed") from None


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a prompt into one film with its sound. Picture and sound come from one timeline.",
)

STREAM = Path("-")
MASTERS = ", ".join(get_args(MasterName))
USUAL_FPS = clock.rate_text(DEFAULT_FPS)
USUAL_SIZE = "x".join(map(str, DEFAULT_SIZE))

Prompt = Annotated[
    str, typer.Argument(metavar="PROMPT", help="What to see and hear, in plain English.", show_default=False)
]
FilmFile = Annotated[Path, typer.Argument(metavar="FILM", help="A film made by Clapboard.", show_default=False)]
FilmOrStream = Annotated[Path, typer.Option("-o", "--output", help="MP4 to write; - streams to standard output.")]
FilmTarget = Annotated[Path, typer.Option("-o", "--output", help="MP4 to write, FILM itself if you like.")]
EngineName = Annotated[
    str, typer.Option("--engine", metavar="NAME", help=f"Who performs it: {', '.join(engines.names())}.")
]
Seconds = Annotated[float | None, typer.Option("--seconds", help="Length; default: what the prompt says or needs.")]
Size = Annotated[str, typer.Option("--size", metavar="WIDTHxHEIGHT", help="In pixels, both even.")]
Fps = Annotated[str, typer.Option("--fps", metavar="RATE", help="Frames a second: 24, 29.97, 24000/1001 ...")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed makes another film of the same prompt.")]
StemsFolder = Annotated[
    Path | None, typer.Option("--stems", metavar="FOLDER", help="Folder for the stems as 24-bit WAV.")
]
Loudness = Annotated[str, typer.Option("--master", metavar="PRESET", help=f"Loudness preset: {MASTERS}.")]
NewLoudness = Annotated[
    str | None, typer.Option("--master", metavar="PRESET", help=f"Loudness preset: {MASTERS}; default: as it was.")
]
Gain = Annotated[str | None, typer.Option(metavar="DB|off", help="Gain in dB, or off.", show_default=False)]
WeightsFolder = Annotated[
    Path | None, typer.Option("--weights", metavar="FOLDER", help="Where weights are or go; default: the user's cache.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one machine-readable object.")]

Result = TypeVar("Result")


def _options(seconds: float | None, size: str, fps: str, seed: int, master: str) -> "Options":
    from clapboard.director import Options

    try:
        width, height = (int(side) for side in size.lower().split("x"))
    except ValueError:
        raise InputError(f"size {size!r} is not WIDTHxHEIGHT; write for example 1280x720") from None
    return Options(
        duration_s=seconds,
        fps=clock.parse_rate(fps),
        size=(width, height),
        seed=seed,
        master=Mix.parse({"master": master}).master,
    )


def _check_name(path: Path, kind: str) -> None:
    """Refuses `-` where nothing streams, and a name that promises another kind of file ("film.png")."""
    if path == STREAM:
        raise InputError("only generate and render stream to standard output; name a file instead of -")
    promised = mimetypes.guess_type(path.name)[0] or kind
    if promised != kind:
        raise InputError(f"{path} is the name of {promised}, but {kind} is written here; choose another ending")


def _with_bars(work: "Callable[[Progress], Result]") -> Result:
    from clapboard.terminal import bars

    with bars() as progress:
        return work(progress)


def _say(text: str) -> None:
    """One result on standard output."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _drop_output()
        raise Cancelled("the reader of the output closed it before the end") from None
    except OSError as error:
        _drop_output()
        raise MediaError(f"cannot write to standard output: {error.strerror}") from None


def _drop_output() -> None:
    """What is left for a reader that is gone goes nowhere, or Python would complain at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_json(body: object) -> None:
    _say(json.dumps(body, ensure_ascii=False, allow_nan=False))


def _warn_unstaged(timeline: Timeline) -> None:
    """What the film will lack, where it does not mix with a result."""
    for item in timeline.unstaged:
        print(f"  unstaged  {item.text}: {item.reason}", file=sys.stderr)


def _show_film(film: "Film", as_json: bool) -> None:
    if as_json:
        files = {stem.value: str(path) for stem, path in film.stems.items()}
        body = {"path": str(film.path), "stems": files, "timeline": film.timeline.model_dump(mode="json")}
        _say_json(body | {"report": film.report.model_dump(mode="json")})
    else:
        _say("\n".join(str(path) for path in (film.path, *film.stems.values())))
        _show_report(film.report)


def _show_report(report: "Report") -> None:
    _say("\n".join(report.lines()))


@app.command()
def generate(
    prompt: Prompt,
    output: FilmOrStream = Path("film.mp4"),
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = USUAL_SIZE,
    fps: Fps = USUAL_FPS,
    seed: Seed = 0,
    stems: StemsFolder = None,
    master: Loudness = DEFAULT_MASTER,
    as_json: AsJson = False,
) -> None:
    """Make a film from a prompt."""
    from clapboard import make

    _check_output(output, stems, as_json)
    timeline = make.plan(prompt, engine=engine, options=_options(seconds, size, fps, seed, master))
    _film(timeline, output, engine, stems, as_json)


def _check_output(output: Path, stems: Path | None, as_json: bool) -> None:
    if output != STREAM:
        _check_name(output, "video/mp4")
    elif as_json or stems is not None:
        raise InputError(f"-o - streams the film alone; leave out {'--json' if as_json else '--stems'} or name a file")
    elif sys.stdout.isatty():
        raise InputError("-o - streams the film, and a terminal cannot show it; pipe it into a player or name a file")


def _film(timeline: Timeline, output: Path, engine: str, stems: Path | None, as_json: bool) -> None:
    from clapboard import make

    if output == STREAM:
        try:
            filmed = _with_bars(
                lambda progress: make.stream(timeline, sys.stdout.buffer, engine=engine, progress=progress)
            )
        except ClapboardError:
            _drop_output()
            raise
        _warn_unstaged(filmed)
        return
    film = _with_bars(lambda progress: make.render(timeline, output, engine=engine, stems=stems, progress=progress))
    _show_film(film, as_json)


@app.command()
def plan(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="What to see and hear.", show_default=False)] = "",
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write, JSON if it ends in .json; - prints it.")
    ] = STREAM,
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = USUAL_SIZE,
    fps: Fps = USUAL_FPS,
    seed: Seed = 0,
    master: Loudness = DEFAULT_MASTER,
    as_json: AsJson = False,
    json_schema: Annotated[bool, typer.Option("--json-schema", help="Print the Timeline's JSON schema.")] = False,
) -> None:
    """Print the Timeline of a prompt, to read, edit and render."""
    from clapboard import make, media

    if json_schema:
        _say(json.dumps(Timeline.model_json_schema(), indent=2))
        return
    timeline = make.plan(prompt, engine=engine, options=_options(seconds, size, fps, seed, master))
    text = timeline.to_json() + "\n" if as_json or output.suffix == ".json" else _readable(timeline, engine)
    if output == STREAM:
        _say(text.removesuffix("\n"))
    else:
        media.write_text(output, text)
    _warn_unstaged(timeline)


def _readable(timeline: Timeline, engine: str) -> str:
    """YAML, and as comments what an engine that reads prose will be told."""
    told: Callable[[Timeline], str] | None = getattr(engines.load(engine), "caption", None)
    lines = [f"# {line}" for line in ["the caption that it reads:", *told(timeline).splitlines()]] if told else []
    return timeline.to_yaml() + "".join(line.rstrip() + "\n" for line in lines)


@app.command()
def render(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN", help="A Timeline, YAML or JSON.", show_default=False)],
    output: FilmOrStream = Path("film.mp4"),
    engine: EngineName = engines.DEFAULT,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Film a Timeline."""
    from clapboard import media

    _check_output(output, stems, as_json)
    if output.resolve() == plan_file.resolve():
        raise InputError(f"{output} is the plan itself; give -o the name of another file")
    _film(Timeline.from_text(media.read_text(plan_file)), output, engine, stems, as_json)


@app.command()
def retake(
    film: FilmFile,
    output: FilmTarget,
    stem: Annotated[Stem | None, typer.Option("--stem", help="Only this stem.")] = None,
    from_s: Annotated[float | None, typer.Option("--from", help="Start of the window, seconds.")] = None,
    to_s: Annotated[float | None, typer.Option("--to", help="End of the window, seconds.")] = None,
    note: Annotated[str | None, typer.Option("--note", help='A room, such as "short reverb, furnished room".')] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Default: one that was not used yet.")] = None,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Make the sound again under the same picture: all of it, one stem, one window."""
    from clapboard import make

    _check_name(output, "video/mp4")
    fields = {"stem": stem, "from_s": from_s, "to_s": to_s, "note": note, "seed": seed}
    again = Retake.parse({name: value for name, value in fields.items() if value is not None})
    made = _with_bars(lambda progress: make.retake(film, output, again, stems=stems, progress=progress))
    _show_film(made, as_json)


@app.command()
def mix(
    film: FilmFile,
    output: FilmTarget,
    dialogue: Gain = None,
    effects: Gain = None,
    ambience: Gain = None,
    music: Gain = None,
    master: NewLoudness = None,
    stems: StemsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Balance the stems anew under the same picture."""
    from clapboard import make

    _check_name(output, "video/mp4")
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
    output: Annotated[Path, typer.Option("-o", "--output", help="PNG to write.")] = Path("still.png"),
    at: Annotated[float, typer.Option("--at", help="Time in seconds.")] = 0.0,
    engine: EngineName = engines.DEFAULT,
    seconds: Seconds = None,
    size: Size = USUAL_SIZE,
    fps: Fps = USUAL_FPS,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Paint one frame of a prompt's film."""
    from clapboard import make

    _check_name(output, "image/png")
    timeline = make.plan(prompt, engine=engine, options=_options(seconds, size, fps, seed, DEFAULT_MASTER))
    path = _with_bars(lambda progress: make.still(timeline, output, at_s=at, engine=engine, progress=progress))
    if as_json:
        _say_json({"path": str(path), "at_s": at, "timeline": timeline.model_dump(mode="json")})
    else:
        _say(str(path))
        _warn_unstaged(timeline)


@app.command()
def report(
    film: FilmFile,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write a readable page.")] = None,
) -> None:
    """Measure what is really in a film's file."""
    from clapboard import make

    if html is not None:
        _check_name(html, "text/html")

    def work(progress: "Progress") -> "Report":
        return make.report(film, progress=progress) if html is None else make.report_page(film, html, progress=progress)

    found = _with_bars(work)
    if as_json:
        _say_json(found.model_dump(mode="json"))
    else:
        _show_report(found)


@app.command(name="engines")
def list_engines(as_json: AsJson = False) -> None:
    """List the installed engines."""
    summaries = {name: engines.load(name).summary for name in engines.names()}
    if as_json:
        _say_json({"engines": summaries, "default": engines.DEFAULT})
    else:
        _say("\n".join(f"{name:10} {summary}" for name, summary in summaries.items()))


@app.command()
def pull(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Which; see `clapboard models`.", show_default=False)],
    weights: WeightsFolder = None,
    accept_licences: Annotated[bool, typer.Option("--accept-licences", help="I read them and agree.")] = False,
) -> None:
    """Download a model's weights, going on where it was cut."""
    from clapboard.engines.nava import store

    def work(progress: "Progress") -> Path:
        return store.pull(model, weights, accept_licences=accept_licences, progress=progress)

    _say(str(_with_bars(work)))


@app.command(name="models")
def list_models(weights: WeightsFolder = None, as_json: AsJson = False) -> None:
    """List downloadable models: what is here, its licence, whether this machine can run it."""
    from clapboard.engines.nava import store

    found = store.models(weights)
    if as_json:
        _say_json({"models": [model.facts() for model in found]})
    else:
        _say("\n".join(model.line() for model in found))


@app.command()
def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.py", help="Defines RECIPE or run().", show_default=False)],
) -> None:
    """Train a model as a recipe says, going on where it was stopped."""
    from clapboard.recipes import load

    made = _with_bars(load(recipe))
    if made:
        _say(made)


@app.command()
def warmup() -> None:
    """Compile the kernels now, so that the first film starts at once."""
    import tempfile

    from clapboard import make

    def work(progress: "Progress") -> None:
        with tempfile.TemporaryDirectory() as folder:
            for prompt in make.WARMUP_PROMPTS:
                options = _options(0.5, "320x180", USUAL_FPS, 0, DEFAULT_MASTER)
                make.generate(prompt, Path(folder) / "warm.mp4", options=options, progress=progress)

    _with_bars(work)


def _version(wanted: bool) -> None:
    if wanted:
        _say(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    del version


_UsageError = cast(type[typer.BadParameter], typer.BadParameter.__base__)
"""Typer exports only this child of its errors of usage."""


def _end(message: str, exit_code: int) -> NoReturn:
    """Our errors are one line on standard error."""
    print("clapboard:", " ".join(message.split()), file=sys.stderr)
    sys.exit(exit_code)


def main() -> NoReturn:
    """Entry point."""
    # plans are UTF-8 wherever they are made, and names of files may hold any bytes
    cast(TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8", errors="surrogateescape")
    for name in ("SIGTERM", "SIGHUP"):  # a kill or a closed terminal tidies up as Ctrl-C does
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        app(sys.argv[1:] or ["--help"], prog_name="clapboard", standalone_mode=False)
        sys.exit(0)
    except _UsageError as error:
        command = error.ctx.command_path if error.ctx else "clapboard"
        _end(f"{error.format_message().rstrip('.')}; see `{command} --help`", 2)
    except ClapboardError as error:
        _end(str(error), 1)
