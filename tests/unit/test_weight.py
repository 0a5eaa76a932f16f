"""The arrows between our modules, and what a worker must carry because of us."""

import ast
import itertools
import multiprocessing
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import hybrid_demo
from hybrid_demo import cpu_intensive_analysis, open_pool
from hybrid_demo.machine import start_method

ROOT = Path(hybrid_demo.__file__).parent
LEAVES = ("workloads", "worker", "interrupts", "model", "guarded", "given")
RECORDS = {"recording", "spans", "given"}

# Room -> the rooms it may import. A room is a module of the package, or a package in it.
ALLOWED = {
    "__init__": set(),
    **{room: set() for room in LEAVES},
    "errands": {"interrupts"},
    "crossing": {"given"},
    "sizing": {"workloads", "given"},
    "spans": {"given"},
    "recording": {"spans", "given"},
    "loading": RECORDS,
    "storage": {*RECORDS, "loading"},
    "machine": {"workloads", "given"},
    "pools": {"worker", "machine", "workloads", "crossing", "errands"},
    "instruments": {*RECORDS, "machine", "worker", "interrupts"},
    "pictures": RECORDS,
    "schedule": RECORDS,
    "beside": {"errands", "guarded", "given"},
    "cluster": {"errands", "workloads", "given"},
    "teaching": {*RECORDS, "machine", "errands", "guarded"},
}
# What it may import besides in the body of a function, when that is called.
ALLOWED_LATER = {
    "recording": {"storage", "loading", "pictures"},
    "workloads": {"given"},
}
# Rooms above all the others: nothing of ours imports them, they may import anything.
TOP = {"explorer", "practice", "presenting", "rehearsal", "service", "load", "__main__"}

# Modules that a worker process loads for us, in the order of its life.
WORKER_SIDE = ["hybrid_demo", "hybrid_demo.worker", "hybrid_demo.instruments.stamps"]
LOADED = "list(__import__('sys').modules)"
FORBIDDEN = {
    "asyncio",
    "concurrent",
    "dataclasses",
    "inspect",
    "numpy",
    "matplotlib",
    "ipywidgets",
    "IPython",
}


def room_of(path):
    """Return the room that a source file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path):
    """Return the rooms that a source file imports: (at once, in functions when called)."""
    package = ["hybrid_demo", *path.relative_to(ROOT).parts[:-1]]
    found = (set(), set())

    def visit(node, later):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                visit(child, later)
            return
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            names = [[*base, alias.name] for alias in node.names]
        for name in names:
            if name[0] == "hybrid_demo" and len(name) > 1:
                found[later].add(name[1])
        later = later or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, later)

    visit(ast.parse(path.read_text(encoding="utf-8")), False)
    return found


@pytest.mark.parametrize(
    "path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_imports_follow_the_table(path):
    """A module imports only rooms below its own, at once and in its functions."""
    room = room_of(path)
    if room in TOP:
        return
    assert room in ALLOWED, f"{room} is a new room: enter it in the table with what it may import"
    at_once, later = imports(path)
    assert at_once - {room} <= ALLOWED[room]
    assert later - {room} <= ALLOWED[room] | ALLOWED_LATER.get(room, set())


def test_the_table_is_a_one_way_street():
    """The rooms can be put in an order in which each imports only earlier ones."""
    below, waiting = set(), dict(ALLOWED)
    while waiting:
        ready = {room for room, rooms in waiting.items() if rooms <= below}
        assert ready, f"these import each other in a circle: {sorted(waiting)}"
        below |= ready
        for room in ready:
            del waiting[room]


def test_the_table_names_rooms_that_exist():
    """No line of the table is about a room that is gone."""
    assert set(ALLOWED) <= {room_of(path) for path in ROOT.rglob("*.py")}


def test_the_page_for_contributors_names_each_room_below_those_it_is_imported_by():
    """CONTRIBUTING.md's table is this one: complete, and read from the top down."""
    page = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, table = page.split("| room of `hybrid_demo/` | holds |\n|---|---|\n")
    rows = [
        re.findall(r"`(\w+)`", line.split("|")[1])
        for line in itertools.takewhile(lambda line: line.startswith("|"), table.splitlines())
    ]
    floor = {room: number for number, row in enumerate(rows) for room in row}
    assert len(floor) == sum(map(len, rows))
    assert set(floor) == (set(ALLOWED) | TOP) - {"__init__", "__main__"}
    for room, rooms in ALLOWED.items():
        for other in rooms:
            assert floor[other] >= floor[room], f"{room} imports {other}, which stands above it"


def loaded_by(*modules, beside=""):
    """Return the modules that importing ours adds to a fresh interpreter, `beside` imported."""
    code = (
        f"import sys\n{beside}\nbefore = set(sys.modules)\n"
        f"import {', '.join(modules)}\nprint(*set(sys.modules) - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_a_worker_loads_only_our_leaves():
    """To what any pool worker has loaded, ours adds our own light modules and no other."""
    any_worker = "import concurrent.futures.process, multiprocessing.spawn"
    added = loaded_by(*WORKER_SIDE, beside=any_worker)
    assert added == {*WORKER_SIDE, "hybrid_demo.instruments"}


def test_a_real_worker_loads_nothing_heavy_on_our_account():
    """A worker of ours that ran a workload has loaded its parts, and nothing heavy."""
    context = multiprocessing.get_context(start_method())
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        plain = set(executor.submit(eval, LOADED).result())
    with open_pool(1) as executor:
        executor.submit(cpu_intensive_analysis, 10).result()
        ours = set(executor.submit(eval, LOADED).result())
    parts = {"hybrid_demo", "hybrid_demo.worker", "hybrid_demo.workloads"}
    assert parts <= ours - plain <= parts | {"math", "operator", "_operator"}


@pytest.mark.parametrize("module", ["hybrid_demo", "hybrid_demo.workloads", *WORKER_SIDE[1:]])
def test_nothing_heavy_comes_with_it(module):
    """Also where no pool runs, our worker-side modules load nothing heavy."""
    assert not {name.split(".")[0] for name in loaded_by(module)} & FORBIDDEN


def test_the_package_alone_is_one_module():
    """`import hybrid_demo` loads nothing but itself, until a name is asked for."""
    assert loaded_by("hybrid_demo") == {"hybrid_demo"}
