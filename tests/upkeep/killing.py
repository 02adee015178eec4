"""Acts in a child process that is killed before one of its steps, or whose disk is full."""

import os
import resource
import shutil
import signal
import subprocess
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

Tick = Callable[[], None]


def was_killed(step: int, act: Callable[[], object], count: Callable[[Tick], None]) -> bool:
    """Run an act in a child that gets SIGKILL before its `step`-th step, counted from 1; False
    when it was done before. Fails when the act failed by itself."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted() -> None:
        count(tick)
        act()

    status = _in_child(counted)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def fails_on_a_full_disk(size: int, act: Callable[[], object]) -> bool:
    """Run an act in a child in which no file grows beyond `size` bytes; did it fail?"""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        act()

    status = _in_child(limited, quiet=True)
    assert os.WIFEXITED(status)
    return os.WEXITSTATUS(status) == 1


def _in_child(act: Callable[[], object], quiet: bool = False) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside the runner's threads
        pid = os.fork()
    if pid == 0:
        try:
            act()
        except BaseException:
            if not quiet:
                traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def file_steps(tick: Tick) -> None:
    """A step is whatever makes files lasting or gives them their name, and every program run."""
    for module, name in (
        (os, "fsync"), (os, "rename"), (os, "replace"), (os, "link"), (shutil, "rmtree"),
        (subprocess, "run"),
    ):  # fmt: skip
        setattr(module, name, _ticking(tick, getattr(module, name)))


def statement_steps(engine: Engine) -> Callable[[Tick], None]:
    """A step is a statement or a commit."""

    def count(tick: Tick) -> None:
        sa.event.listen(engine, "before_cursor_execute", lambda *_: tick())
        sa.event.listen(engine, "commit", lambda *_: tick())

    return count


def _ticking(tick: Tick, act: Callable[..., Any]) -> Callable[..., Any]:
    def ticked(*args: Any, **kwargs: Any) -> Any:
        tick()
        return act(*args, **kwargs)

    return ticked
