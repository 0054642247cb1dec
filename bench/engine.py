"""What the engine costs per node: chains and wide graphs of 25 to 10,000 trivial nodes.

    python bench/engine.py [--json] [--repeat N]

For each shape and size the first run (cold), the same again (cached), and one with the first or the last node changed.
Only the engine and the in-process backend are measured: no server, no tensors, and events go nowhere.
"""

import argparse
import gc
import json
import math
import time
from collections.abc import Callable

from limner.backends.in_process import InProcessBackend
from limner.engine.engine import Engine
from limner.engine.events import AnyEvent, Succeeded
from limner.engine.run import RunRequest
from limner.graph.declare import NodeResult, node
from limner.graph.graph import Graph, Link, Node

SIZES = (25, 100, 400, 1000, 2000, 5000, 10_000)
FEED = 20
"""How many values the node ``Sum`` takes."""


@node(name="Increment", title="Increment", category="bench")
def increment(*, value: int, step: int = 1) -> int:
    """One more."""
    return value + step


@node(name="Show", title="Show", category="bench", output=True)
def show(*, value: int) -> NodeResult:
    """Tells the value."""
    return NodeResult(ui={"text": [str(value)]})


@node(name="Sum", title="Sum", category="bench")
def add_up(
    *,
    a0: int = 0, a1: int = 0, a2: int = 0, a3: int = 0, a4: int = 0, a5: int = 0, a6: int = 0, a7: int = 0,
    a8: int = 0, a9: int = 0, a10: int = 0, a11: int = 0, a12: int = 0, a13: int = 0, a14: int = 0, a15: int = 0,
    a16: int = 0, a17: int = 0, a18: int = 0, a19: int = 0,
) -> int:  # fmt: skip
    """The sum of up to 20 values."""
    return sum((a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19))


DEFINITIONS = {definition.type.name: definition for definition in (increment, show, add_up)}
Build = Callable[[int, int, int], Graph]


def chain(size: int, first: int, last: int) -> Graph:
    """Each node feeds the next one."""
    nodes = {"0": Node(type="Increment", inputs={"value": first})}
    for index in range(1, size - 1):
        step = last if index == size - 2 else 1
        nodes[str(index)] = Node(type="Increment", inputs={"value": Link(str(index - 1), 0), "step": step})
    nodes["show"] = Node(type="Show", inputs={"value": Link(str(size - 2), 0)})
    return Graph(nodes)


def wide(size: int, first: int, last: int) -> Graph:
    """Pairs that have nothing to do with each other: a node and an output node."""
    nodes: dict[str, Node] = {}
    for index in range(size // 2):
        step = last if index == size // 2 - 1 else 1
        value = first if index == 0 else 1_000_000 + index
        nodes[f"{index}"] = Node(type="Increment", inputs={"value": value, "step": step})
        nodes[f"{index}s"] = Node(type="Show", inputs={"value": Link(f"{index}", 0)})
    return Graph(nodes)


def tree(size: int, first: int, last: int) -> Graph:
    """Leaves that are summed 20 at a time down to one output node."""
    nodes: dict[str, Node] = {}
    level = []
    for index in range(size * (FEED - 1) // FEED):
        step = last if index == size * (FEED - 1) // FEED - 1 else 1
        value = first if index == 0 else 2_000_000 + index
        nodes[f"{index}"] = Node(type="Increment", inputs={"value": value, "step": step})
        level.append(f"{index}")
    depth = 0
    while len(level) > 1:
        depth += 1
        groups = [level[start : start + FEED] for start in range(0, len(level), FEED)]
        level = [f"{depth}.{index}" for index in range(len(groups))]
        for name, group in zip(level, groups, strict=True):
            nodes[name] = Node(type="Sum", inputs={f"a{index}": Link(entry, 0) for index, entry in enumerate(group)})
    nodes["show"] = Node(type="Show", inputs={"value": Link(level[0], 0)})
    return Graph(nodes)


SHAPES: dict[str, Build] = {"chain": chain, "wide": wide, "tree": tree}
RUNS = ("cold", "cached", "first changed", "last changed")


def measure(build: Build, size: int, repeat: int) -> dict[str, float]:
    """CPU milliseconds of each kind of run, the least of several."""
    best = dict.fromkeys(RUNS, math.inf)
    for attempt in range(repeat):
        engine = Engine(InProcessBackend(DEFINITIONS, {}, 1 << 32))
        base = 1000 * (attempt + 1)
        graphs = ((base, 1), (base, 1), (base + 1, 1), (base, 2))
        for kind, (first, last) in zip(RUNS, graphs, strict=True):
            best[kind] = min(best[kind], cost(engine, build(size, first, last)))
    return best


def cost(engine: Engine, graph: Graph) -> float:
    """CPU milliseconds of one run."""
    targets = tuple(name for name, entry in graph.nodes.items() if entry.type == "Show")
    request = RunRequest(job="bench", graph=graph, targets=targets)
    last: list[AnyEvent | None] = [None]

    def emit(event: AnyEvent) -> None:
        last[0] = event

    gc.collect()
    start = time.process_time_ns()
    engine.run(request, emit)
    spent = (time.process_time_ns() - start) / 1e6
    if not isinstance(last[0], Succeeded):
        raise SystemExit(f"The run should succeed; it ended with {last[0]}.")
    return spent


def fit(points: list[tuple[int, float]]) -> dict[str, float]:
    """How cost grows: exponent of a power law from 100 nodes on, and a line with its greatest relative error."""
    logs = [(math.log(size), math.log(spent)) for size, spent in points if size >= 100]
    slope, _ = line(logs)
    per_node, fixed = line([(float(size), spent) for size, spent in points])
    error = max(abs(per_node * size + fixed - spent) / spent for size, spent in points if size >= 400)
    return {"exponent": slope, "ms_per_node": per_node, "ms_fixed": fixed, "greatest_error": error}


def line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and offset of the line of least squares."""
    count = len(points)
    mean_x, mean_y = (sum(point[axis] for point in points) / count for axis in (0, 1))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return slope, mean_y - slope * mean_x


def report(results: dict[str, dict[str, dict[str, float]]], fits: dict[str, dict[str, dict[str, float]]]) -> None:
    print("CPU ms per node (ms in all)\n")
    print(f"{'shape':6} {'nodes':>6} " + " ".join(f"{kind:>18}" for kind in RUNS))
    for shape, sizes in results.items():
        for size, costs in sizes.items():
            cells = (f"{costs[kind] / int(size):.4f} ({costs[kind]:.1f})" for kind in RUNS)
            print(f"{shape:6} {size:>6} " + " ".join(f"{cell:>18}" for cell in cells))
    print("\nGrowth: exponent from 100 nodes on; line through all sizes\n")
    for shape, kinds in fits.items():
        for kind, found in kinds.items():
            print(
                f"{shape:6} {kind:14} n^{found['exponent']:.2f}   {found['ms_fixed']:+.2f} ms + "
                f"{found['ms_per_node']:.4f} ms a node (within {100 * found['greatest_error']:.0f} %)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description="What the engine costs per node.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the quickest counts")
    arguments = parser.parse_args()
    results = {
        shape: {str(size): measure(build, size, arguments.repeat) for size in SIZES} for shape, build in SHAPES.items()
    }
    fits = {
        shape: {kind: fit([(int(size), costs[kind]) for size, costs in sizes.items()]) for kind in RUNS}
        for shape, sizes in results.items()
    }
    if arguments.json:
        print(json.dumps({"cpu_ms": results, "fits": fits}, indent=1))
    else:
        report(results, fits)


if __name__ == "__main__":
    main()
