"""Downloads from a server of the test's own, archives, and keras.datasets beside the real Keras's."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import importlib
import io
import pickle
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import triceras
from triceras.datasets import reading, tables
from triceras.utils import archives, downloads

RNG = np.random.RandomState(0)


class Server:
    """Files over HTTP, and the requests that were made.

    Attributes: `files`, contents by path; `cut`, paths whose contents end half-way; `asked`, the paths in order.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.split("?")[0].strip("/")
                owner.asked.append(name)
                content = owner.files.get(name)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if name in owner.cut else content)

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def server() -> Any:
    server = Server()
    server.files["a.txt"] = b"hello"
    yield server
    server.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: Any) -> Path:
    """KERAS_HOME for this test."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


SHA, MD5 = hashlib.sha256(b"hello").hexdigest(), hashlib.md5(b"hello").hexdigest()


def test_a_file_is_downloaded_once(server: Server, home: Path) -> None:
    for _ in range(2):
        path = triceras.utils.get_file(origin=server.url + "a.txt")
        assert path == str(home / "datasets" / "a.txt") and Path(path).read_bytes() == b"hello"
    assert server.asked == ["a.txt"]
    triceras.utils.get_file(origin=server.url + "a.txt?version=2", force_download=True)
    assert server.asked == ["a.txt"] * 2 and files_of(home) == ["datasets/a.txt"]


@pytest.mark.parametrize(
    "options",
    [{"file_hash": SHA}, {"file_hash": MD5}, {"md5_hash": MD5}, {"file_hash": SHA.upper(), "hash_algorithm": "sha256"}],
)
def test_hashes(server: Server, home: Path, options: Any) -> None:
    get = functools.partial(triceras.utils.get_file, "b.txt", server.url + "a.txt", cache_subdir="x", **options)
    assert get() == get() == str(home / "x" / "b.txt") and len(server.asked) == 1
    (home / "x" / "b.txt").write_text("something else")
    assert Path(get()).read_bytes() == b"hello" and len(server.asked) == 2


def test_a_wrong_hash_leaves_nothing(server: Server, home: Path) -> None:
    with pytest.raises(ValueError, match="damaged or another file"):
        triceras.utils.get_file("b.txt", server.url + "a.txt", file_hash="0" * 64)
    assert files_of(home) == []
    triceras.utils.get_file("b.txt", server.url + "a.txt")
    with pytest.raises(ValueError):  # what was there stays
        triceras.utils.get_file("b.txt", server.url + "a.txt", file_hash="0" * 32)
    assert (home / "datasets" / "b.txt").read_bytes() == b"hello" and files_of(home) == ["datasets/b.txt"]


def test_an_interrupted_download_leaves_nothing(server: Server, home: Path) -> None:
    server.files["large"] = bytes(300_000)
    server.cut.add("large")
    with pytest.raises(OSError, match="Could not download"):
        triceras.utils.get_file(origin=server.url + "large")
    assert files_of(home) == []
    server.cut.clear()
    assert Path(triceras.utils.get_file(origin=server.url + "large")).stat().st_size == 300_000


def test_no_such_file_and_no_server(server: Server, home: Path) -> None:
    with pytest.raises(OSError, match="404"):
        triceras.utils.get_file(origin=server.url + "nothing")
    server.close()
    with pytest.raises(OSError, match="Could not download"):
        triceras.utils.get_file(origin=server.url + "a.txt")
    assert files_of(home) == []


BAD = {
    "no URL": (ValueError, {}), "no name": (ValueError, {"origin": "http://x/"}),
    "a path": (ValueError, {"fname": "a/b", "origin": "http://x/a"}),
    "above": (ValueError, {"fname": "..", "origin": "http://x/a"}),
    "algorithm": (ValueError, {"origin": "http://x/a", "file_hash": SHA, "hash_algorithm": "sha1"}),
    "length": (ValueError, {"origin": "http://x/a", "file_hash": "abc"}),
    "format": (ValueError, {"origin": "http://x/a", "extract": True, "archive_format": "rar"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(home: Path, name: str) -> None:
    error, options = BAD[name]
    with pytest.raises(error):
        triceras.utils.get_file(**options)
    assert files_of(home) == []


def test_without_pooch(server: Server, home: Path, monkeypatch: Any) -> None:
    triceras.utils.get_file(origin=server.url + "a.txt")
    monkeypatch.setitem(sys.modules, "pooch", None)
    triceras.utils.get_file(origin=server.url + "a.txt")  # in the cache
    with pytest.raises(ImportError, match=r"triceras\[download\]"):
        triceras.utils.get_file("b.txt", server.url + "a.txt")


def test_other_places(server: Server, home: Path, tmp_path: Path) -> None:
    path = triceras.utils.get_file(origin=server.url + "a.txt", cache_dir=tmp_path / "c")
    assert path == str(tmp_path / "c" / "datasets" / "a.txt")
    path = triceras.utils.get_file(Path("p.txt"), server.url + "a.txt", cache_subdir=str(tmp_path / "s"))
    assert path == str(tmp_path / "s" / "p.txt")
    copied = triceras.utils.get_file("file.txt", Path(path).as_uri())
    assert Path(copied).read_bytes() == b"hello"


# -- archives ------------------------------------------------------------------------------------------------------


def tar(members: Any, mode: str = "w:gz") -> bytes:
    """members: names with contents, or TarInfos."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zipped(members: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


GOOD = [("top/a.txt", b"aa"), ("top/d/b.txt", b"bb")]
ARCHIVES = {"tar.gz": tar(GOOD), "tar": tar(GOOD, "w"), "tar.bz2": tar(GOOD, "w:bz2"), "zip": zipped(GOOD)}
NAMED = {  # arguments, and the folder and archive that Keras makes of them
    None: ("x.{0}", "x.{0}_archive"), "foo": ("foo", "foo_archive"), "my.{0}": ("my_extracted", "my.{0}"),
}  # fmt: skip


@pytest.mark.parametrize("fname", NAMED, ids=str)
@pytest.mark.parametrize("suffix", ARCHIVES)
def test_archives(server: Server, home: Path, suffix: str, fname: Any) -> None:
    server.files[f"x.{suffix}"] = ARCHIVES[suffix]
    folder, archive = (name.format(suffix) for name in NAMED[fname])
    for _ in range(2):
        path = triceras.utils.get_file(fname and fname.format(suffix), server.url + f"x.{suffix}", extract=True)
        assert path == str(home / "datasets" / folder)
    assert files_of(Path(path)) == ["top/a.txt", "top/d/b.txt"] and len(server.asked) == 1
    assert (home / "datasets" / archive).is_file()


def test_untar_and_formats(server: Server, home: Path) -> None:
    server.files["x"] = ARCHIVES["tar.gz"]
    path = triceras.utils.get_file("y", server.url + "x", untar=True)
    assert (Path(path) / "top" / "a.txt").read_bytes() == b"aa"
    with pytest.warns(UserWarning, match="not unpacked"):
        triceras.utils.get_file("z", server.url + "x", extract=True, archive_format="zip")


def device() -> tarfile.TarInfo:
    info = tarfile.TarInfo("device")
    info.type = tarfile.CHRTYPE
    return info


EVIL = {
    "above": tar([("ok", b""), ("../evil.txt", b"x")]), "absolute": tar([("/evil.txt", b"x")]),
    "zip above": zipped([("ok", b""), ("../../evil.txt", b"x")]), "zip drive": zipped([("C:/evil.txt", b"x")]),
    "link out": tar([(link("link", "/etc/passwd"), b"")]), "link above": tar([(link("d/link", "../../x"), b"")]),
    "hard link": tar([(link("link", "../x", tarfile.LNKTYPE), b"")]), "device": tar([(device(), b"")]),
    "backslash": zipped([("..\\evil.txt", b"x")]),
}  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_evil_archives_are_refused(server: Server, home: Path, name: str) -> None:
    server.files["x"] = EVIL[name]
    with pytest.raises(ValueError, match="nothing was unpacked"):
        triceras.utils.get_file("x", server.url + "x", extract=True)
    assert files_of(home) == ["datasets/x_archive"] and not (home / "datasets" / "x").exists()


def test_links_within_and_bombs(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "a").write_bytes(tar([("d/a.txt", b"aa"), (link("d/link", "a.txt"), b"")]))
    assert archives.extract(tmp_path / "a", tmp_path / "out") and (tmp_path / "out/d/link").read_bytes() == b"aa"
    monkeypatch.setattr(archives, "_LARGE", 1000)
    (tmp_path / "b").write_bytes(zipped([("zeros", bytes(2_000_000))]))
    with pytest.raises(ValueError, match="past belief"):
        archives.extract(tmp_path / "b", tmp_path / "bomb")
    assert not (tmp_path / "bomb").exists()


# -- datasets --------------------------------------------------------------------------------------------------------


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def texts(count: int) -> Any:
    found = np.empty(count, dtype=object)
    found[:] = [[int(rank) for rank in RNG.randint(1, 60, RNG.randint(1, 12))] for _ in range(count)]
    return found


def idx(array: Any) -> bytes:
    head = bytes((0, 0, 8, array.ndim)) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.tobytes())


class OldPickler(pickle._Pickler):  # type: ignore[name-defined]
    """Pickles bytes as Python 2 did its strings."""

    dispatch = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined]

    def save_bytes(self, x: bytes) -> None:
        self.write(b"T" + len(x).to_bytes(4, "little") + x)

    dispatch[bytes] = save_bytes


def old_pickle(x: Any) -> bytes:
    file = io.BytesIO()
    OldPickler(file, protocol=2).dump(x)
    return file.getvalue().replace(b"numpy._core", b"numpy.core")


def cifar(folder: str, files: Any) -> bytes:
    """As Python 2 pickled it: strings are bytes."""
    members = []
    for name, keys in files:
        content: dict[bytes, Any] = {b"data": RNG.randint(0, 255, (4, 3072)).astype("uint8"), b"batch_label": b"x"}
        for key, classes in keys.items():
            content[key] = RNG.randint(0, classes, 4).tolist()
        members.append((f"{folder}/{name}", old_pickle(content)))
    return tar(members)


def digits(*shape: int) -> Any:
    return RNG.randint(0, 9, shape).astype("uint8")


TEN = [(name, {b"labels": 10}) for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")]
HUNDRED = [(name, {b"fine_labels": 100, b"coarse_labels": 20}) for name in ("train", "test")]
HOUSES = RNG.rand(700, 8), RNG.rand(700)
PUBLISHED = {
    "boston_housing.npz": npz(x=HOUSES[0][:50], y=HOUSES[1][:50]),
    "california_housing.npz": npz(x=HOUSES[0].astype("float32"), y=HOUSES[1].astype("float32")),
    "mnist.npz": npz(x_train=digits(6, 28, 28), y_train=digits(6), x_test=digits(4, 28, 28), y_test=digits(4)),
    "imdb.npz": npz(x_train=texts(30), y_train=RNG.randint(0, 2, 30), x_test=texts(20), y_test=RNG.randint(0, 2, 20)),
    "reuters.npz": npz(x=texts(50), y=RNG.randint(0, 46, 50)),
    "imdb_word_index.json": b'{"the": 1, "film": 2}', "reuters_word_index.json": b'{"oil": 1}',
    "cifar-10-python.tar.gz": cifar("cifar-10-batches-py", TEN),
    "cifar-100-python.tar.gz": cifar("cifar-100-python", HUNDRED),
    **{f"{part}-images-idx3-ubyte.gz": idx(digits(rows, 28, 28)) for part, rows in (("train", 6), ("t10k", 4))},
    **{f"{part}-labels-idx1-ubyte.gz": idx(digits(rows)) for part, rows in (("train", 6), ("t10k", 4))},
}  # fmt: skip
WORDS: list[dict[str, Any]] = [
    {}, {"num_words": 30}, {"num_words": 30, "skip_top": 5}, {"maxlen": 6}, {"oov_char": None, "num_words": 20},
    {"start_char": None}, {"index_from": 0, "start_char": None}, {"seed": 1, "skip_top": 10, "maxlen": 9},
    {"maxlen": 1},
]  # fmt: skip
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    *(("boston_housing", "load_data", options) for options in ({}, {"test_split": 0.5, "seed": 1}, {"test_split": 1.})),
    *(("california_housing", "load_data", options) for options in ({}, {"version": "small"}, {"test_split": -1})),
    ("mnist", "load_data", {}), ("fashion_mnist", "load_data", {}),
    *(("cifar100", "load_data", {"label_mode": mode}) for mode in ("fine", "coarse", "x")),
    *(("imdb", "load_data", options) for options in WORDS), ("imdb", "get_word_index", {}),
    *(("reuters", "load_data", options) for options in (*WORDS, {"test_split": 0.5})),
    ("reuters", "get_word_index", {}),
    ("reuters", "get_label_names", {}),
]  # fmt: skip


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: Any) -> Any:
    """A server with files of the published formats, and the cache that both packages fill from it."""
    server = Server()
    server.files |= PUBLISHED
    yield server, tmp_path_factory.mktemp("cache")
    server.close()


def redirected(server: Server, cache: Path, get_file: Any) -> Any:
    """get_file that asks our server for what is published elsewhere, whose hash the little files have not."""

    def get(*args: Any, **kwargs: Any) -> Any:
        kwargs["origin"] = server.url + kwargs["origin"].rsplit("/", 1)[1]
        kwargs.pop("file_hash", None)
        return get_file(*args, cache_dir=str(cache), **kwargs)

    return get


def loaded(name: str, function: str, options: Any, package: str) -> Any:
    try:
        return getattr(importlib.import_module(f"{package}.datasets.{name}"), function)(**options)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("name, function, options", CALLS, ids=str)
def test_as_keras(mirror: Any, monkeypatch: Any, name: str, function: str, options: Any) -> None:
    server, cache = mirror
    (cache / "keras").mkdir(exist_ok=True)
    theirs_module = importlib.import_module(f"keras.src.datasets.{name}")
    monkeypatch.setattr(
        theirs_module, "get_file", redirected(server, cache / "keras", keras.utils.get_file), raising=False
    )
    mine = redirected(server, cache / "ours", downloads.get_file)
    for module in ("tables", "cifar", "fashion_mnist"):
        monkeypatch.setattr(importlib.import_module(f"triceras.datasets.{module}"), "get_file", mine)
    ours, theirs = (loaded(name, function, options, package) for package in ("triceras", "keras.src"))
    if function != "load_data" or isinstance(theirs, type):
        assert ours == theirs
        return
    for part, reference in zip(ours, theirs, strict=True):
        for a, b in zip(part, reference, strict=True):
            # Keras's labels of CIFAR-100 are int64, against its documentation.
            assert a.shape == b.shape and (a.dtype == b.dtype or name == "cifar100")
            assert a.tolist() == b.tolist()


def test_urls_and_hashes_are_keras(monkeypatch: Any) -> None:
    """What is asked for: the name in the cache, the URL, the hash."""

    class Asked(Exception):
        pass

    def asks(*args: Any, **kwargs: Any) -> Any:
        names = {"fname": args[0]} if args else {}
        raise Asked({**names, **kwargs})

    monkeypatch.setattr(tables, "get_file", asks)
    for module in ("cifar", "fashion_mnist"):
        monkeypatch.setattr(importlib.import_module(f"triceras.datasets.{module}"), "get_file", asks)
    calls = [
        (name, "load_data")
        for name in triceras.datasets.__dict__
        if hasattr(getattr(keras.datasets, name, 0), "load_data")
    ]
    assert len(calls) == 8
    for name, function in (*calls, ("imdb", "get_word_index"), ("reuters", "get_word_index")):
        monkeypatch.setattr(importlib.import_module(f"keras.src.datasets.{name}"), "get_file", asks)
        asked = []
        for package in ("triceras", "keras.src"):
            with pytest.raises(Asked) as found:
                getattr(importlib.import_module(f"{package}.datasets.{name}"), function)()
            asked.append(found.value.args[0])
        if name == "fashion_mnist":  # the order of its four files
            asked = [{**each, "origin": each["origin"].rsplit("/", 1)[0], "fname": ""} for each in asked]
        assert asked[0] == asked[1]


def test_cifar10(mirror: Any, monkeypatch: Any) -> None:
    """Not beside Keras, which wants 10000 images a file."""
    server, cache = mirror
    monkeypatch.setattr("triceras.datasets.cifar.get_file", redirected(server, cache / "ours", downloads.get_file))
    (x, y), (x_test, y_test) = triceras.datasets.cifar10.load_data()
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((20, 32, 32, 3), (20, 1), (4, 32, 32, 3), (4, 1))
    path = next((cache / "ours").rglob("data_batch_2"))
    content = reading.read_pickle(path)
    np.testing.assert_array_equal(y[4:8, 0], content[b"labels"])
    np.testing.assert_array_equal(x[5, 3, 7], content[b"data"][1, 3 * 32 + 7 :: 1024])


def test_channels_first(mirror: Any, monkeypatch: Any) -> None:
    server, cache = mirror
    monkeypatch.setattr("triceras.datasets.cifar.get_file", redirected(server, cache / "ours", downloads.get_file))
    (x, _), _ = triceras.datasets.cifar10.load_data()
    triceras.config.set_image_data_format("channels_first")
    try:
        (first, _), _ = triceras.datasets.cifar10.load_data()
    finally:
        triceras.config.set_image_data_format("channels_last")
    assert first.shape == (20, 3, 32, 32)
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), x)


def test_bad_calls(home: Path) -> None:
    for call in (
        lambda: triceras.datasets.boston_housing.load_data(test_split=2),
        lambda: triceras.datasets.california_housing.load_data(version="x"),
        lambda: triceras.datasets.reuters.load_data(test_split=-0.1),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(TypeError, match="nb_words"):
        triceras.datasets.imdb.load_data(nb_words=10)


class Evil:
    def __reduce__(self) -> Any:
        return print, ("executed",)


def test_pickles_run_no_code(tmp_path: Path, capsys: Any) -> None:
    objects = np.empty(1, dtype=object)
    objects[0] = Evil()
    (tmp_path / "x.npz").write_bytes(npz(x=objects))
    (tmp_path / "x.pickle").write_bytes(pickle.dumps(Evil(), protocol=2))
    for read in (lambda: reading.read_npz(tmp_path / "x.npz"), lambda: reading.read_pickle(tmp_path / "x.pickle")):
        with pytest.raises(pickle.UnpicklingError, match="print"):
            read()
    assert capsys.readouterr().out == ""
    (tmp_path / "no.npz").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"no \.npz file"):
        reading.read_npz(tmp_path / "no.npz")
