"""Archives unpacked with care: nothing lands outside the folder, nothing is half there."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

# Archives that unpack to more than this and more than so many times their own size are taken for bombs.
_LARGE = 2**30
_RATIO = 250

FORMATS = ("tar", "zip")


def formats(archive_format: Any) -> tuple[str, ...]:
    """The formats to try, from `get_file`'s argument: "auto", a name, a list of names, or None for none.

    Raises ValueError: an unknown format.
    """
    if archive_format is None:
        return ()
    if archive_format == "auto":
        return FORMATS
    names = (archive_format,) if isinstance(archive_format, str) else tuple(archive_format)
    for name in names:
        if name not in FORMATS:
            raise ValueError(f'archive_format must be "auto", "tar", "zip", None or a list of these; got: {name!r}')
    return names


def extract(archive: Path, folder: Path, archive_format: Any = "auto") -> bool:
    """Unpacks an archive into a new folder, whole or not at all; False where it is of none of the formats.

    Raises ValueError: a member that would land outside the folder, a link out of it, a device, or far more data than
    such an archive can honestly hold. Nothing is unpacked then. Raises OSError: not enough room on the disk.
    """
    for name in formats(archive_format):
        if (tarfile.is_tarfile if name == "tar" else zipfile.is_zipfile)(archive):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as temporary:
                target = Path(temporary) / "content"
                target.mkdir()
                (_untar if name == "tar" else _unzip)(archive, target)
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(target, folder)
            return True
    return False


def _untar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as file:
        members = file.getmembers()
        for member in members:
            _check_path(archive, member.name)
            if member.issym() or member.islnk():
                base = os.path.dirname(member.name) if member.issym() else ""
                _check_path(archive, os.path.join(base, member.linkname), "link to ")
            elif not member.isfile() and not member.isdir():
                raise ValueError(f"The archive {archive} has the special file {member.name!r}; nothing was unpacked.")
        _check_size(archive, folder, (member.size for member in members))
        # Python's own filter checks again, with the links as they are on the disk, and drops modes and owners.
        file.extractall(folder, members, filter="data")


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        members = file.infolist()
        for member in members:
            _check_path(archive, member.filename)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise ValueError(f"The archive {archive} has the link {member.filename!r}; nothing was unpacked.")
        _check_size(archive, folder, (member.file_size for member in members))
        file.extractall(folder)


def _check_path(archive: Path, name: str, what: str = "") -> None:
    """Raises ValueError: a path that leaves the folder it is put into."""
    path = PurePosixPath(os.path.normpath(name.replace("\\", "/")))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        raise ValueError(
            f"The archive {archive} has the {what}member {name!r} out of its folder; nothing was unpacked."
        )


def _check_size(archive: Path, folder: Path, sizes: Iterable[int]) -> None:
    """Raises ValueError: a bomb; OSError: no room."""
    total = sum(sizes)
    if total > max(_LARGE, _RATIO * archive.stat().st_size):
        raise ValueError(
            f"The archive {archive} of {archive.stat().st_size} bytes would unpack to {total}, which is past belief; "
            "nothing was unpacked."
        )
    free = shutil.disk_usage(folder).free
    if total > free:
        raise OSError(f"The archive {archive} unpacks to {total} bytes, and the disk has {free} left.")
