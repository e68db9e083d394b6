"""PostgreSQL refuses to run as root: started by root, it runs as `nobody` with the right to pass through our folders.

Otherwise the folders above the data folder and the program (such as /root) would have to be opened to everybody.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

UNPRIVILEGED: Final = "nobody"
PR_SET_PDEATHSIG: Final = 1
PR_SET_KEEPCAPS: Final = 8
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_RAISE: Final = 2
CAP_DAC_OVERRIDE: Final = 1
CAP_DAC_READ_SEARCH: Final = 2
LINUX_CAPABILITY_VERSION_3: Final = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def is_root() -> bool:
    return os.geteuid() == 0


def give_away(folder: Path) -> None:
    """Hand a folder and what is in it to the user that PostgreSQL runs as. Does nothing unless we are root."""
    if not is_root():
        return
    owner = pwd.getpwnam(UNPRIVILEGED)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def prepare_child(death_signal: signal.Signals | None, *, drop_root: bool) -> Callable[[], None]:
    """Return what a child does before exec: drop root, and (on Linux) die by this signal when its parent dies."""
    owner = pwd.getpwnam(UNPRIVILEGED) if drop_root and is_root() else None
    parent = os.getpid()

    def prepare() -> None:
        if owner is not None:
            _become(owner)
        # Last, since a change of user clears it.
        if death_signal is not None and sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def _become(owner: pwd.struct_passwd) -> None:
    kept = sys.platform == "linux" and _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0
    os.setgroups([])
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    if kept:
        _keep_passage()


def _keep_passage() -> None:
    """Keep the two capabilities that open our own folders. A container that has not got them goes on without."""
    wanted = (1 << CAP_DAC_OVERRIDE) | (1 << CAP_DAC_READ_SEARCH)
    header = _CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)
    data = (_CapabilityData * 2)()
    _libc.capget(ctypes.byref(header), data)
    held = data[0].permitted & wanted
    data[0] = _CapabilityData(held, held, held)
    data[1] = _CapabilityData(0, 0, 0)
    if _libc.capset(ctypes.byref(header), data) != 0:
        return
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if held >> capability & 1:
            _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)
