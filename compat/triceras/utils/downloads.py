"""Files from the internet, kept in a cache. Downloaded by pooch, which is optional."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import urllib.parse
import urllib.request
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from triceras.utils.archives import extract as _extract
from triceras.utils.archives import formats as _formats
from triceras.utils.logs import say
from triceras.utils.progbar import Progbar
from triceras_backends import config

_ALGORITHMS = {"sha256": 64, "md5": 32}


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the internet, which is downloaded once and then taken from the cache.

    A download goes to a temporary file and takes its name only when it is whole and its hash is right, so the
    cache never has a part of a file. With a hash, a file in the cache is checked at each call, and downloaded again
    if it is another. The downloads are made by the package pooch.

    Args:
        fname: the name in the cache, without folders; None takes that of the URL.
        origin: the URL: http, https, ftp or file.
        untar: the older name of `extract`, for tar archives.
        md5_hash: the older name of `file_hash`, for MD5.
        file_hash: what the file's hash must be, in hexadecimal. Without one, whatever the server sends is taken.
        cache_subdir: the folder within the cache, or an absolute path.
        hash_algorithm: "sha256", "md5", or "auto" to tell by the length.
        extract: whether the file is an archive, to be unpacked. Links and paths that lead out of its folder, and
            archives that unpack to absurd sizes, are refused.
        archive_format: "tar", "zip", a list of these, "auto" for both, None to leave it packed.
        cache_dir: the cache; None is `$KERAS_HOME`, or `~/.keras`.
        force_download: whether to download even what the cache has.

    Returns: the file's path; of an archive that is unpacked, the path of the folder.

    Raises ValueError: no URL or name, an unknown algorithm, a hash that the download has not, an unsafe archive.
    Raises OSError: the download failed. Raises ImportError: pooch is not installed, and the cache lacks the file.

    Example:

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> source = pathlib.Path(folder.name, "source.txt")
    >>> _ = source.write_text("hello")
    >>> path = keras.utils.get_file("copy.txt", origin=source.as_uri(), cache_dir=folder.name)
    Downloading data from file:...
    >>> pathlib.Path(path).read_text()
    'hello'
    >>> folder.cleanup()
    """
    if origin is None:
        raise ValueError('Give the URL of the file: get_file(..., origin="https://...").')
    given, name = fname is not None, _name(fname, origin)
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    known = _known_hash(file_hash, hash_algorithm)
    home = Path(cache_dir).expanduser() if cache_dir is not None else config.config_path().parent
    folder = home / cache_subdir
    if not (untar or extract):
        return str(_fetched(origin, folder / name, known, force_download)[0])
    wanted = "tar" if untar and not extract and archive_format == "auto" else archive_format
    _formats(wanted)
    stem, dot, _ = name.partition(".")
    with_suffix = given and bool(dot)
    archive, target = (name, f"{stem}_extracted") if with_suffix else (f"{name}_archive", name)
    path, new = _fetched(origin, folder / archive, known, force_download)
    unpacked = folder / target
    if (new or not unpacked.exists()) and not _extract(path, unpacked, wanted):
        warnings.warn(f"{path} is no archive of a known format, and was not unpacked.", stacklevel=2)
    return str(unpacked)


def _name(fname: Any, origin: str) -> str:
    name = os.fspath(fname) if fname is not None else os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name:
        raise ValueError(f"The URL {origin!r} names no file: give fname.")
    if os.path.basename(name) != name or name in (".", ".."):
        raise ValueError(f"fname must be a name without folders (cache_dir and cache_subdir say where); got: {name!r}")
    return name


def _known_hash(value: str | None, algorithm: str) -> tuple[str, str] | None:
    """(algorithm, hash), None for no hash."""
    if algorithm != "auto" and algorithm not in _ALGORITHMS:
        raise ValueError(f'hash_algorithm must be "auto", "sha256" or "md5"; got: {algorithm!r}')
    if value is None:
        return None
    if algorithm == "auto":
        algorithm = "sha256" if len(value) == _ALGORITHMS["sha256"] else "md5"
    if len(value) != _ALGORITHMS[algorithm]:
        raise ValueError(f"A {algorithm} hash has {_ALGORITHMS[algorithm]} hexadecimal digits; got: {value!r}")
    return algorithm, value.lower()


def hash_of(path: Path, algorithm: str) -> str:
    """A file's hash in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _fetched(origin: str, path: Path, known: tuple[str, str] | None, force: bool) -> tuple[Path, bool]:
    """The file's path, and whether it was downloaded just now."""
    if path.exists() and not force:
        if known is None or hash_of(path, known[0]) == known[1]:
            return path, False
        say(f"{path} in the cache has another {known[0]} hash than the one given: it is downloaded again.")
    say(f"Downloading data from {origin}")
    _download(origin, path, known)
    return path, True


def _download(origin: str, path: Path, known: tuple[str, str] | None) -> None:
    pooch = _pooch()
    local = urllib.parse.urlsplit(origin).scheme == "file"
    downloader = _copy if local else pooch.HTTPDownloader(progressbar=_Bar(), timeout=60)
    if not local and not origin.startswith(("http://", "https://")):
        downloader = None  # pooch knows what other URLs need
    # A name of its own in the same folder: what is in the cache stays until the new file is known to be right.
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}.{uuid.uuid4().hex}.incoming")
    try:
        with _quiet(pooch):
            pooch.retrieve(
                origin, ":".join(known) if known else None, incoming.name, path.parent, downloader=downloader
            )
        os.replace(incoming, path)
    except ValueError as error:
        raise ValueError(
            f"What {origin} sent is damaged or another file: {' '.join(str(error).split())}. Nothing was kept of it."
        ) from error
    except OSError as error:
        raise OSError(f"Could not download {origin}: {error}") from error
    finally:
        incoming.unlink(missing_ok=True)


def _pooch() -> Any:
    try:
        import pooch  # noqa: PLC0415
    except ImportError:
        raise ImportError("Downloads need the package pooch. Install it: pip install 'triceras[download]'.") from None
    return pooch


@contextmanager
def _quiet(pooch: Any) -> Iterator[None]:
    """Within it, pooch does not advise to note the hash of what had none."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _copy(url: str, output_file: Any, _pooch: Any) -> None:
    """A downloader of files on this machine."""
    with open(urllib.request.url2pathname(urllib.parse.urlsplit(url).path), "rb") as source:
        if hasattr(output_file, "write"):
            shutil.copyfileobj(source, output_file)
        else:
            with open(output_file, "wb") as target:
                shutil.copyfileobj(source, target)


class _Bar:
    """What pooch asks of a progress bar, as ours."""

    def __init__(self) -> None:
        self.total = 0
        self._bar: Progbar | None = None
        self._done = 0

    def update(self, count: int) -> None:
        if self._bar is None:
            self._bar = Progbar(self.total or None, unit_name="byte")
        self._done = min(self._done + count, self.total) if self.total else self._done + count
        self._bar.update(self._done)

    def reset(self) -> None:
        self._bar, self._done = None, 0

    def close(self) -> None:
        """Nothing is left open."""
