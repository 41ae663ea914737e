"""Computes the expected results in this folder with NetworkX, and checks them against igraph.

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install networkx==3.6.1 numpy==2.4.6 scipy==1.17.1 igraph==1.0.0
    /tmp/golden/bin/python datasets/golden/make.py

The files in this folder were made so with CPython 3.11.7. Each has a line `id<TAB>value` for every
vertex, sorted by id.

<name>.pagerank.tsv    PageRank, damping 0.85, 17 significant digits. Ranks sum to 1; the mass of
                       vertices without out-edges is spread evenly over all vertices. Parallel
                       edges count as often as they occur, weights do not count; an undirected
                       edge counts in both directions. Converged to a change of 1e-16 a vertex.
<name>.components.tsv  Weakly connected components, as the smallest id of the component.

The script fails unless igraph's ranks (PRPACK) and those of the linear system solved directly agree
within 1e-14, igraph finds the same components, and the graphs that NetworkX ships are the same here.
"""

from pathlib import Path

import igraph
import networkx as nx
import numpy as np

HERE = Path(__file__).resolve().parent
DIRECTED = {"eleven-pages", "odd-web"}
DAMPING = 0.85
AGREE = 1e-14
# Percentages in the drawing that the graph is from.
ELEVEN_PAGES = [3.3, 38.4, 34.3, 3.9, 8.1, 3.9, 1.6, 1.6, 1.6, 1.6, 1.6]


def read(path):
    """Returns the edges of an edge list, and the names that its comments give to ids."""
    edges, names = [], {}
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            number, equals, name = line[1:].partition(" = ")
            if equals and number.strip().isdigit():
                names[int(number)] = name
        else:
            source, target = line.split()[:2]
            edges.append((int(source), int(target)))
    return edges, names


def solved(ids, edges, directed):
    """Returns the ranks as the solution of the linear system."""
    index = {vertex: i for i, vertex in enumerate(ids)}
    count = np.zeros((len(ids), len(ids)))
    for source, target in edges:
        count[index[target], index[source]] += 1
        if not directed and source != target:
            count[index[source], index[target]] += 1
    out = count.sum(axis=0)
    step = np.where(out > 0, count / np.where(out > 0, out, 1), 1 / len(ids))
    jump = np.full(len(ids), (1 - DAMPING) / len(ids))
    return np.linalg.solve(np.eye(len(ids)) - DAMPING * step, jump)


def agree(name, what, ranks, others):
    difference = max(abs(rank - other) for rank, other in zip(ranks, others, strict=True))
    assert difference < AGREE, f"{name}: {what} differs by {difference}"
    print(f"{name}: {what} agrees within {difference:.1e}")


def check_shipped(name, edges, names):
    """Compares a graph with the copy that NetworkX ships."""
    shipped = {
        "karate": nx.karate_club_graph,
        "florentine": nx.florentine_families_graph,
        "davis": nx.davis_southern_women_graph,
        "les-miserables": nx.les_miserables_graph,
    }.get(name)
    if shipped is not None:
        ours = {frozenset(names.get(v, v - 1) for v in edge) for edge in edges}
        assert len(ours) == len(edges), f"{name}: an edge occurs twice"
        assert ours == {frozenset(edge) for edge in shipped().edges()}, f"{name} differs"


def write(path, ids, values):
    lines = (f"{vertex}\t{value}\n" for vertex, value in zip(ids, values, strict=True))
    path.write_text("".join(lines))


def main():
    for path in sorted(HERE.parent.glob("*.txt")):
        name = path.stem
        directed = name in DIRECTED
        edges, names = read(path)
        check_shipped(name, edges, names)
        graph = nx.MultiDiGraph() if directed else nx.MultiGraph()
        graph.add_edges_from(edges)
        ids = sorted(graph)

        by_id = nx.pagerank(graph, alpha=DAMPING, tol=1e-16, max_iter=10_000)
        ranks = [float(by_id[vertex]) for vertex in ids]
        index = {vertex: i for i, vertex in enumerate(ids)}
        pairs = [(index[source], index[target]) for source, target in edges]
        other = igraph.Graph(n=len(ids), edges=pairs, directed=directed)
        agree(name, "igraph", ranks, other.pagerank(damping=DAMPING))
        agree(name, "the linear system", ranks, solved(ids, edges, directed))
        assert abs(sum(ranks) - 1) < AGREE
        if name == "eleven-pages":
            assert all(abs(100 * r - p) < 0.06 for r, p in zip(ranks, ELEVEN_PAGES, strict=True))

        parts = nx.weakly_connected_components(graph) if directed else nx.connected_components(graph)
        smallest = {vertex: min(part) for part in parts for vertex in part}
        labels = [smallest[vertex] for vertex in ids]
        for part in other.connected_components(mode="weak"):
            assert {labels[i] for i in part} == {min(ids[i] for i in part)}

        write(HERE / f"{name}.pagerank.tsv", ids, (f"{rank:.16e}" for rank in ranks))
        write(HERE / f"{name}.components.tsv", ids, labels)
        print(f"{name}: {len(ids)} vertices, {len(edges)} edges, {len(set(labels))} component(s)")


if __name__ == "__main__":
    main()
