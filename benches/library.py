"""Times of the library's algorithms beside networkit's and igraph's, on one graph.

    pip install networkit igraph numpy
    cargo build --release
    python3 benches/library.py --graph kronecker:20
    python3 benches/library.py --graph actors:path/to/actor.dat.gz
    python3 benches/library.py --graph kronecker:12 --only bfs,pagerank --peers igraph

Runs from the repository's root and prints a table in Markdown, with the date and the machine.

Graphs: `kronecker:SCALE` is what `superstep generate kronecker` makes with 16 edges a vertex and
seed 1; `actors:FILE` joins all actors of each film of the Notre Dame actor network (one film's
actors a line). Both are made simple and undirected, since most peers take no others; each edge is
in the file once. Algorithms about directions run on the Kronecker edges as they come, without
duplicates and self-loops. Weights are whole numbers from 1 to 255, a hash of the two ends.

Superstep's time is `processing_seconds` of its report: from the graph in memory to the result, with
what the algorithm makes of the graph on the way. A peer's is the call alone, on a graph it has
loaded. Everything runs in a process of its own, so many rounds each, and the best one counts; who
takes longer than the limit is stopped and shown as such. `processors` are the same for all.

Options: --graph, --only NAME,NAME, --peers networkit,igraph, --rounds (1), --limit (600 s),
--threads (all), --binary (target/release/superstep), --json FILE.
"""

import argparse
import datetime
import gzip
import json
import multiprocessing
import os
import platform
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

# What differs between two algorithms of one name is said beside the number.
NOTES = {
    "label-propagation": "networkit and igraph propagate one vertex after another until little changes; 10 synchronous iterations here",
    "pagerank": "tolerance 1e-6 (L1) here and in networkit; igraph solves with PRPACK",
    "louvain": "results differ; compare modularities, too",
    "betweenness": "16 sources, drawn at random by each",
    "clustering-coefficient": "networkit: turbo",
    "closeness": "estimated with 2^8 bytes a vertex; the peers have no estimate",
    "harmonic": "estimated with 2^8 bytes a vertex; the peers have no estimate",
    "triangles": "igraph: the transitivity of the graph, which counts them",
    "articulation-points": "networkit: biconnected components",
    "bridges": "networkit: biconnected components",
    "leiden": "results differ; compare modularities, too",
    "random-walks": "10 steps from every vertex",
}

# Options beside those that follow from an algorithm's parameters.
OPTIONS = {
    "pagerank": ["--tolerance", "1e-6"],
    "personalized-pagerank": ["--tolerance", "1e-6"],
    "hits": ["--tolerance", "1e-6"],
    "eigenvector": ["--tolerance", "1e-6"],
    "katz": ["--tolerance", "1e-6"],
    "label-propagation": ["--iterations", "10"],
    "betweenness": ["--samples", "16"],
    "closeness": ["--estimate", "8"],
    "harmonic": ["--estimate", "8"],
    "k-truss": ["--k", "4"],
    "motifs": ["--pattern", "(a)-[]->(b); (b)-[]->(a)"],
    "random-walks": ["--steps", "10"],
}

# Algorithms about the directions of edges.
DIRECTED = {"hits", "reciprocity", "strongly-connected-components", "topological-sort"}

# Algorithms that would take hours on a large graph, or need one of another kind.
SKIPPED = {"als", "motifs"}


def networkit_calls(source, damping=0.85):
    """Functions from a graph to a function that is timed, by algorithm."""
    import networkit as nk

    def pagerank(graph):
        run = nk.centrality.PageRank(graph, damp=damping, tol=1e-6)
        run.norm = nk.centrality.Norm.L1_NORM
        return run

    return {
        "articulation-points": lambda graph: nk.components.BiconnectedComponents(graph),
        "betweenness": lambda graph: nk.centrality.EstimateBetweenness(graph, 16),
        "bfs": lambda graph: nk.distance.BFS(graph, source, False),
        "bridges": lambda graph: nk.components.BiconnectedComponents(graph),
        "clustering-coefficient": lambda graph: nk.centrality.LocalClusteringCoefficient(graph, True),
        "connected-components": lambda graph: nk.components.ParallelConnectedComponents(graph),
        "degrees": lambda graph: nk.centrality.DegreeCentrality(graph),
        "diameter": lambda graph: nk.distance.Diameter(graph, algo=nk.distance.DiameterAlgo.EXACT),
        "eigenvector": lambda graph: nk.centrality.EigenvectorCentrality(graph, tol=1e-6),
        "k-core": lambda graph: nk.centrality.CoreDecomposition(graph),
        "katz": lambda graph: nk.centrality.KatzCentrality(graph, tol=1e-6),
        "label-propagation": lambda graph: nk.community.PLP(graph),
        "leiden": lambda graph: nk.community.ParallelLeiden(graph),
        "louvain": lambda graph: nk.community.PLM(graph),
        "minimum-spanning-forest": lambda graph: nk.graph.KruskalMSF(graph),
        "pagerank": pagerank,
        "sssp": lambda graph: nk.distance.Dijkstra(graph, source, False),
        "strongly-connected-components": lambda graph: nk.components.StronglyConnectedComponents(graph),
    }


def igraph_calls(source):
    """Functions of a graph, by algorithm."""
    return {
        "articulation-points": lambda graph: graph.articulation_points(),
        "betweenness": lambda graph: graph.betweenness(
            sources=[int(v) for v in np.random.default_rng(1).choice(graph.vcount(), 16, False)]
        ),
        "bfs": lambda graph: graph.distances(source=[source]),
        "bridges": lambda graph: graph.bridges(),
        "clustering-coefficient": lambda graph: graph.transitivity_local_undirected(mode="zero"),
        "coloring": lambda graph: graph.vertex_coloring_greedy(),
        "connected-components": lambda graph: graph.connected_components(mode="weak"),
        "degrees": lambda graph: graph.degree(),
        "diameter": lambda graph: graph.diameter(),
        "eigenvector": lambda graph: graph.eigenvector_centrality(),
        "hits": lambda graph: graph.hub_score(),
        "k-core": lambda graph: graph.coreness(),
        "label-propagation": lambda graph: graph.community_label_propagation(),
        "leiden": lambda graph: graph.community_leiden(objective_function="modularity"),
        "louvain": lambda graph: graph.community_multilevel(),
        "minimum-spanning-forest": lambda graph: graph.spanning_tree(weights="weight"),
        "pagerank": lambda graph: graph.pagerank(),
        "personalized-pagerank": lambda graph: graph.personalized_pagerank(reset_vertices=[source]),
        "reciprocity": lambda graph: graph.reciprocity(),
        "landmarks": lambda graph: graph.distances(source=[source]),
        "sssp": lambda graph: graph.distances(source=[source], weights="weight"),
        "strongly-connected-components": lambda graph: graph.connected_components(mode="strong"),
        "topological-sort": lambda graph: graph.topological_sorting(),
        "transitivity": lambda graph: graph.transitivity_undirected(),
        "triangles": lambda graph: graph.transitivity_undirected(),
    }


class Edges:
    """A graph as columns, and in a file."""

    def __init__(self, source, target, directed, path):
        self.directed, self.path = directed, path
        ids = np.unique(np.concatenate([source, target]))
        self.count = len(ids)
        self.source = np.searchsorted(ids, source).astype(np.uint32)
        self.target = np.searchsorted(ids, target).astype(np.uint32)
        low = np.minimum(self.source, self.target).astype(np.uint64)
        high = np.maximum(self.source, self.target).astype(np.uint64)
        mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F))
        mixed ^= mixed >> np.uint64(29)
        self.weight = (mixed % np.uint64(255)).astype(np.int64) + 1
        degrees = np.bincount(self.source, minlength=self.count)
        if not directed:
            degrees += np.bincount(self.target, minlength=self.count)
        self.hub = int(np.argmax(degrees))
        columns = np.column_stack([self.source, self.target, self.weight])
        np.savetxt(path, columns, fmt="%d")


def simple(source, target, directed):
    """Without self-loops and duplicates; undirected edges from the smaller id to the larger."""
    if not directed:
        source, target = np.minimum(source, target), np.maximum(source, target)
    keep = source != target
    pairs = np.unique(source[keep].astype(np.uint64) << np.uint64(32) | target[keep])
    return pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)


def make_graphs(kind, binary, folder):
    """The undirected graph, and the directed one where there is one."""
    name, _, argument = kind.partition(":")
    if name == "kronecker":
        raw = os.path.join(folder, "raw.txt")
        scale = ["--scale", argument, "--edge-factor", "16", "--seed", "1"]
        subprocess.run([binary, "generate", "kronecker", *scale, "-q", "-o", raw], check=True)
        numbers = np.loadtxt(raw, dtype=np.uint64, comments="#")
        os.remove(raw)
        directed = simple(numbers[:, 0], numbers[:, 1], True)
        directed = Edges(*directed, True, os.path.join(folder, "directed.txt"))
        undirected = simple(numbers[:, 0], numbers[:, 1], False)
    elif name == "actors":
        pairs = []
        with gzip.open(argument, "rt") as lines:
            for line in lines:
                film = np.unique(np.array(line.split(), dtype=np.uint64))
                first, second = np.triu_indices(len(film), 1)
                pairs.append(film[first] << np.uint64(32) | film[second])
        pairs = np.unique(np.concatenate(pairs))
        undirected = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
        directed = None
    else:
        sys.exit(f"--graph {kind}: neither kronecker:SCALE nor actors:FILE")
    return Edges(*undirected, False, os.path.join(folder, "undirected.txt")), directed


def registry(binary):
    """The names of the algorithms with their parameters."""
    text = subprocess.run([binary, "algorithms"], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        if re.match(r"\S", line):
            name = line.strip()
            found[name] = []
        elif match := re.match(r"    --(\S+)", line):
            found[name].append(match[1])
    return found


def superstep(binary, name, parameters, edges, arguments):
    """Seconds of the best round and the report behind it, or what went wrong."""
    options = [option for option in OPTIONS.get(name, [])]
    given = [option for option in options if option.startswith("--")]
    if any(option[2:] not in parameters for option in given):
        options = []
    if "source" in parameters:
        options += ["--source", str(edges.hub)]
    for several in ("sources", "landmarks"):
        if several in parameters and f"--{several}" not in options and name != "betweenness":
            options += [f"--{several}", str(edges.hub)]
    best = None
    for _ in range(arguments.rounds):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            command = [binary, "run", name, edges.path, *options, "-q", "-o", os.devnull]
            command += ["--report", report.name, "--timeout", f"{arguments.limit}s"]
            command += [] if edges.directed else ["--undirected"]
            command += ["--threads", str(arguments.threads)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode == 5:
                return None, f"over {arguments.limit} s"
            if done.returncode != 0:
                return None, done.stderr.strip().splitlines()[-1][:80]
            figures = json.load(open(report.name))
            seconds = figures["processing_seconds"]
            best = seconds if best is None else min(best, seconds)
    return best, None


def peer_rounds(peer, name, edges, arguments, sender):
    """Loads the graph into a peer and calls its algorithm; says so in between, and sends the best time."""
    try:
        weighted = name in ("sssp", "minimum-spanning-forest")
        if peer == "networkit":
            import networkit as nk

            nk.setNumberOfThreads(arguments.threads)
            calls = networkit_calls(edges.hub)
            if name not in calls:
                return sender.send((None, None))
            columns = (edges.source, edges.target)
            if weighted:
                columns = (edges.weight.astype(np.float64), columns)
            graph = nk.GraphFromCoo(
                columns, n=edges.count, weighted=weighted, directed=edges.directed
            )
            if name in ("bridges", "k-core", "clustering-coefficient"):
                graph.sortEdges()
        else:
            import igraph

            calls = igraph_calls(edges.hub)
            if name not in calls:
                return sender.send((None, None))
            pairs = np.column_stack([edges.source, edges.target]).astype(np.int64)
            graph = igraph.Graph(n=edges.count, edges=pairs, directed=edges.directed)
            if weighted:
                graph.es["weight"] = edges.weight.tolist()
        sender.send("loaded")
        best = None
        for _ in range(arguments.rounds):
            start = time.perf_counter()
            ready = calls[name](graph)
            if peer == "networkit":
                ready.run()
            seconds = time.perf_counter() - start
            best = seconds if best is None else min(best, seconds)
        sender.send((best, None))
    except Exception as error:  # A peer may refuse a graph; the table says so.
        sender.send((None, str(error).strip().splitlines()[-1][:80] if str(error) else repr(error)))


def peer(which, name, edges, arguments):
    """Seconds, or what went wrong, or neither where the peer does not have the algorithm."""
    receiver, sender = multiprocessing.Pipe(False)
    process = multiprocessing.Process(
        target=peer_rounds, args=(which, name, edges, arguments, sender)
    )
    process.start()
    sender.close()
    late = (None, f"over {arguments.limit} s")
    try:
        answer = receiver.recv()
        if answer == "loaded":
            answer = receiver.recv() if receiver.poll(arguments.limit * arguments.rounds) else late
    except EOFError:
        answer = (None, "ended without an answer")
    if process.is_alive():
        process.kill()
    process.join()
    return answer


def shown(seconds, problem):
    if seconds is not None:
        return f"{seconds:.3f}" if seconds >= 0.001 else f"{seconds:.6f}"
    return problem or ""


def machine():
    model = platform.processor()
    try:
        with open("/proc/cpuinfo") as lines:
            models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model = models[0] if models else model
    except OSError:
        pass
    return f"{model}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--graph", default="kronecker:20")
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", default="networkit,igraph")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--binary", default="target/release/superstep")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    peers = [name for name in arguments.peers.split(",") if name]
    with tempfile.TemporaryDirectory() as folder:
        undirected, directed = make_graphs(arguments.graph, arguments.binary, folder)
        found = registry(arguments.binary)
        names = [name for name in arguments.only.split(",") if name]
        names = names or [name for name in found if name not in SKIPPED]
        versions = []
        for name in peers:
            import importlib.metadata

            versions.append(f"{name} {importlib.metadata.version(name)}")
        edges = len(undirected.source)
        print(f"{arguments.graph}: {undirected.count} vertices, {edges} undirected edges", end="")
        print(f", {len(directed.source)} directed ones" if directed else "")
        today = datetime.date.today().isoformat()
        print(f"{today}, {machine()}, {arguments.threads} threads, {', '.join(versions)}\n")
        print("| algorithm | superstep s |", " | ".join(f"{name} s" for name in peers), end="")
        print(" | superstep / fastest peer | |")
        print("|---|---|" + "---|" * len(peers) + "---|---|", flush=True)
        rows = []
        for name in names:
            graph = directed if name in DIRECTED else undirected
            if graph is None:
                continue
            own = superstep(arguments.binary, name, found.get(name, []), graph, arguments)
            others = [peer(which, name, graph, arguments) for which in peers]
            known = [seconds for seconds, _ in others if seconds is not None]
            ratio = f"{own[0] / min(known):.2f}" if own[0] is not None and known else ""
            cells = [name, shown(*own), *(shown(*other) for other in others), ratio]
            print("|", " | ".join([*cells, NOTES.get(name, "")]), "|", flush=True)
            row = {"algorithm": name, "superstep": own}
            rows.append({**row, **dict(zip(peers, others))})
    if arguments.json:
        with open(arguments.json, "w") as out:
            json.dump({"graph": arguments.graph, "date": today, "rows": rows}, out, indent=1)


if __name__ == "__main__":
    main()
