"""Weights are found, or downloaded whole: from a hub on this machine that cuts connections. Needs no torch."""

import hashlib
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest

from clapboard.engines.nava import download, store
from clapboard.engines.nava.download import Remote, fetch
from clapboard.errors import InputError, MediaError, WeightsError
from clapboard.progress import silent

SIZE = 3_500_000


class Hub(BaseHTTPRequestHandler):
    """Answers as the hub does: a redirection that tells size and hash, then bytes, from any of them on."""

    state: SimpleNamespace

    def do_HEAD(self):
        state = self.state
        self.send_response(302 if state.large else 200)
        if state.large:
            self.send_header("Location", "/elsewhere")
            self.send_header("X-Linked-Size", str(len(state.data)))
            self.send_header("X-Linked-ETag", f'"{state.digest}"')
        else:
            self.send_header("Content-Length", str(len(state.data)))
            self.send_header("ETag", f'"{state.digest}"')
        self.end_headers()

    def do_GET(self):
        state = self.state
        if state.status != 200:
            self.send_error(state.status)
            return
        first = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if state.ranges else 0
        state.starts.append(first)
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(state.data) - first))
        self.end_headers()
        end = len(state.data) if not state.cuts else state.cuts.pop(0)
        self.wfile.write(state.data[first:end])
        self.close_connection = True

    def log_message(self, format, *args):
        del format, args


@pytest.fixture
def hub(monkeypatch):
    data = np.random.default_rng(1).bytes(SIZE)
    state = SimpleNamespace(
        data=data, digest=hashlib.sha256(data).hexdigest(), large=True, ranges=True, cuts=[], starts=[], status=200
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneHub", (Hub,), {"state": state}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


REMOTE = Remote(repository="who/what", name="folder/big file.bin", licence="MIT")


def test_a_cut_download_goes_on_where_it_stopped(hub, tmp_path):
    target, steps = tmp_path / "new" / "big.bin", []
    hub.cuts = [1_200_000, 2_000_000]
    fetch({target: REMOTE}, progress=steps.append)
    assert target.read_bytes() == hub.data
    assert hub.starts[0] == 0
    assert len(hub.starts) == 3
    assert 0 < hub.starts[1] <= 1_200_000
    assert hub.starts[1] < hub.starts[2] <= 2_000_000
    assert [path.name for path in target.parent.iterdir()] == ["big.bin"]
    assert {step.stage for step in steps} == {"download"}
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].done, steps[-1].total) == (3, 3)  # megabytes


def test_a_stopped_download_goes_on_the_next_time(hub, tmp_path):
    class Stop(Exception):
        pass

    def stop(step):
        if step.done >= 1:
            raise Stop

    target = tmp_path / "big.bin"
    with pytest.raises(Stop):
        fetch({target: REMOTE}, progress=stop)
    assert not target.exists()
    fetch({target: REMOTE}, progress=silent)
    assert hub.starts[1] >= 1_000_000
    assert target.read_bytes() == hub.data
    fetch({target: REMOTE}, progress=silent)  # it is there: nothing is asked
    assert len(hub.starts) == 2


def test_a_server_without_ranges_starts_anew(hub, tmp_path):
    hub.ranges, hub.cuts = False, [1_200_000]
    fetch({tmp_path / "big.bin": REMOTE}, progress=silent)
    assert hub.starts == [0, 0]
    assert (tmp_path / "big.bin").read_bytes() == hub.data


def test_a_small_file_is_checked_by_gits_hash(hub, tmp_path):
    hub.large = False
    hub.digest = hashlib.sha1(b"blob %d\0" % SIZE + hub.data).hexdigest()
    fetch({tmp_path / "small.json": REMOTE}, progress=silent)
    assert (tmp_path / "small.json").read_bytes() == hub.data


def test_damaged_bytes_are_never_kept(hub, tmp_path):
    hub.digest = "0" * 64
    with pytest.raises(WeightsError, match="damaged"):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)
    assert list(tmp_path.iterdir()) == []


def test_it_gives_up_after_connections_that_bring_nothing(hub, tmp_path):
    hub.cuts = [0] * 10
    with pytest.raises(MediaError, match="broke off 5 times"):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)
    assert len(hub.starts) == 5


@pytest.mark.parametrize(("status", "words"), [(404, "does not have it"), (401, "login"), (500, "answers 500")])
def test_what_the_hub_refuses_is_one_line(hub, tmp_path, status, words):
    hub.status = status
    with pytest.raises(MediaError, match=words):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)


def test_no_hub_and_no_hash_are_one_line(hub, tmp_path, monkeypatch):
    hub.digest = "?"
    with pytest.raises(MediaError, match="no size and hash"):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(MediaError, match="cannot reach"):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)


def test_a_disk_that_is_too_small_is_told_before_the_first_byte(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SPARE", shutil.disk_usage(tmp_path).free)
    with pytest.raises(MediaError, match=r"needs 0\.0 GB but .* free"):
        fetch({tmp_path / "big.bin": REMOTE}, progress=silent)
    assert hub.starts == []


def test_pull_brings_every_file_and_asks_for_the_licence_first(hub, tmp_path):
    with pytest.raises(InputError, match=r"LTX-2 Community License.*--accept-licences"):
        store.pull("nava", tmp_path / "w", accept_licences=False, progress=silent)
    with pytest.raises(InputError, match=r"no model called 'ltx'.*nava, nava-fp8"):
        store.pull("ltx", tmp_path / "w", accept_licences=True, progress=silent)
    assert not (tmp_path / "w").exists()
    hub.data = hub.data[:1000]
    hub.digest = hashlib.sha256(hub.data).hexdigest()
    folder = store.pull("nava-fp8", tmp_path / "w", accept_licences=True, progress=silent)
    assert store.missing(folder) == []
    assert store.find(folder).backbone.name == "NAVA_fp8.safetensors"


def test_weights_are_found_where_they_may_be(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv(store.VARIABLE, raising=False)

    def lay(folder):
        for name in (store.BACKBONE, store.TEXT, store.TOKENIZER, store.VIDEO, store.SOUND):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        return folder

    with pytest.raises(WeightsError, match=r"does not exist; run `clapboard pull nava`"):
        store.find(None)
    hub = lay(tmp_path / "hf" / "hub" / "models--baidu--NAVA" / "snapshots" / "abc")
    assert store.find(None).folder == hub
    usual = lay(tmp_path / "cache" / "clapboard" / "nava")
    assert store.find(None).folder == usual
    named = lay(tmp_path / "named")
    monkeypatch.setenv(store.VARIABLE, str(named))
    assert store.find(None).folder == named
    other = lay(tmp_path / "other")
    assert store.find(other).folder == other
    (other / store.VIDEO).unlink()
    with pytest.raises(WeightsError, match=r"other lacks Wan2.2-TI2V-5B/Wan2.2_VAE.pth"):
        store.find(other)


def test_models_say_what_is_here_and_whether_it_runs(tmp_path):
    there, eighth = store.models(tmp_path)
    assert there.folder is None
    assert there.download_gb > eighth.download_gb > 20
    assert "LTX-2" in there.line()
    assert "not here" in there.line()
    assert "\n" not in there.line()
