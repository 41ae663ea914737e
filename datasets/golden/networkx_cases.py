"""Computes with NetworkX what the library's algorithms should find in the graphs of this project.

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install networkx==3.6.1 numpy==2.4.6 scipy==1.17.1
    /tmp/golden/bin/python datasets/golden/networkx_cases.py

Writes networkx.jsonl, a case a line: the graph, whether its edges have directions and weights, an
algorithm of the registry with its arguments, and the rows or the figures that it should have. Rows
are sorted; floats have 12 significant digits.

Read with directions, the graphs whose edges stand with the smaller id first have no cycles.
"""

import json
from pathlib import Path

import networkx as nx

HERE = Path(__file__).resolve().parent
UNDIRECTED = ["davis", "florentine", "karate", "les-miserables"]
PAGES = "eleven-pages"


def read(name, directed, weighted, several=False):
    """Returns a graph, whose edges have the weights of the file or 1."""
    kinds = {
        (False, False): nx.Graph,
        (True, False): nx.DiGraph,
        (False, True): nx.MultiGraph,
        (True, True): nx.MultiDiGraph,
    }
    graph = kinds[directed, several]()
    for line in (HERE.parent / f"{name}.txt").read_text().splitlines():
        if not line.startswith("#"):
            source, target, *weight = line.split()
            weight = float(weight[0]) if weight and weighted else 1.0
            graph.add_edge(int(source), int(target), weight=weight)
    return graph


def value(number):
    return float(f"{number:.12g}") if isinstance(number, float) else int(number)


def by_vertex(values):
    return [[vertex, value(number)] for vertex, number in sorted(values.items())]


def pairs(edges, *more):
    """Rows of edges, smaller ids first, with a value each where there are some."""
    values = more[0] if more else {}
    return sorted([*sorted(edge), *([values[edge]] if more else [])] for edge in edges)


def named_by_smallest(parts):
    return by_vertex({vertex: min(part) for part in parts for vertex in part})


def truss_numbers(graph):
    numbers, k = {}, 2
    while (truss := nx.k_truss(graph, k)).number_of_edges():
        numbers |= {tuple(sorted(edge)): k for edge in truss.edges()}
        k += 1
    return numbers


def distance_rows(graph, marks, lengths):
    """The distance from each vertex to each mark; None where there is no way."""
    back = graph.reverse() if graph.is_directed() else graph
    lengths = [lengths(back, mark) for mark in marks]
    return [[v, *(value(d[v]) if v in d else None for d in lengths)] for v in sorted(graph)]


def matches(graph, pattern):
    """The arguments that look for a pattern of different vertices, and what is found of it."""
    text = "; ".join(f"({source})-[]->({target})" for source, target in pattern.edges())
    found = nx.isomorphism.DiGraphMatcher(graph, pattern).subgraph_monomorphisms_iter()
    places = ({role: vertex for vertex, role in match.items()} for match in found)
    names = list(dict.fromkeys(name for edge in pattern.edges() for name in edge))
    return {"pattern": text}, sorted([place[name] for name in names] for place in places)


def undirected_cases(name):
    graph = read(name, False, False)
    first = min(graph)
    second = max(graph)
    hops = nx.single_source_shortest_path_length
    whole = lambda graph, source: {v: int(d) for v, d in hops(graph, source).items()}
    betweenness = nx.betweenness_centrality(graph, normalized=False)
    yield "articulation-points", {}, sorted([v] for v in nx.articulation_points(graph))
    yield "betweenness", {"normalized": ""}, by_vertex(nx.betweenness_centrality(graph))
    yield "betweenness", {}, by_vertex(betweenness)
    yield "bfs", {"source": first}, by_vertex(whole(graph, first))
    yield "bridges", {}, pairs(nx.bridges(graph))
    yield "closeness", {}, by_vertex(nx.closeness_centrality(graph))
    yield "clustering-coefficient", {}, by_vertex(nx.clustering(graph))
    yield "connected-components", {}, named_by_smallest(nx.connected_components(graph))
    yield "degrees", {}, [[v, d, d] for v, d in sorted(graph.degree())]
    yield "diameter", {}, {"diameter": nx.diameter(graph)}
    yield "eigenvector", {}, by_vertex(nx.eigenvector_centrality_numpy(graph))
    yield "harmonic", {}, by_vertex(nx.harmonic_centrality(graph))
    # On a bipartite graph more than one pair of scores is right.
    if not nx.is_bipartite(graph):
        hubs, authorities = nx.hits(graph, tol=1e-14)
        yield "hits", {}, [[v, value(hubs[v]), value(authorities[v])] for v in sorted(graph)]
    yield "k-core", {}, by_vertex(nx.core_number(graph))
    yield "k-truss", {"k": 3}, pairs(nx.k_truss(graph, 3).edges())
    yield "k-truss", {"k": 4}, pairs(nx.k_truss(graph, 4).edges())
    katz = nx.katz_centrality_numpy(graph, alpha=0.02, beta=1.0, normalized=True)
    yield "katz", {"alpha": 0.02, "normalized": ""}, by_vertex(katz)
    marks = {"landmarks": f"{first},{second}"}
    yield "landmarks", marks, distance_rows(graph, [first, second], whole)
    ranks = nx.pagerank(graph, tol=1e-16, max_iter=10_000, personalization={first: 1, second: 1})
    yield "personalized-pagerank", {"sources": f"{first},{second}"}, by_vertex(ranks)
    if name != "les-miserables":
        ring = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a")])
        yield "motifs", *matches(graph.to_directed(), ring)
    yield "pagerank", {}, by_vertex(nx.pagerank(graph, tol=1e-16, max_iter=10_000))
    yield "reciprocity", {}, {"reciprocity": 1.0}
    yield "transitivity", {}, {"transitivity": value(float(nx.transitivity(graph)))}
    yield "triangles", {}, by_vertex(nx.triangles(graph))
    yield "triangles", {"total": ""}, {"triangles": sum(nx.triangles(graph).values()) // 3}
    numbers = truss_numbers(graph)
    yield "truss-numbers", {}, pairs(numbers, numbers)


def weighted_cases(name):
    graph = read(name, False, True)
    first, second = min(graph), max(graph)
    betweenness = nx.betweenness_centrality(graph, normalized=False, weight="weight")
    yield "betweenness", {}, by_vertex(betweenness)
    lengths = nx.single_source_dijkstra_path_length
    yield "sssp", {"source": first}, by_vertex(lengths(graph, first))
    marks = {"landmarks": f"{first},{second}"}
    yield "landmarks", marks, distance_rows(graph, [first, second], lengths)
    forest = nx.minimum_spanning_tree(graph)
    weight = forest.size(weight="weight")
    trees = nx.number_connected_components(graph)
    yield "minimum-spanning-forest", {}, {"weight": weight, "trees": trees}


def page_cases(name):
    graph = read(name, True, False)
    several = read(name, True, False, several=True)
    first, second = min(graph), max(graph)
    hops = nx.single_source_shortest_path_length
    reached = {v: hops(graph, first).get(v, 2**63 - 1) for v in graph}
    yield "bfs", {"source": first}, by_vertex(reached)
    # NetworkX follows edges to a vertex.
    yield "closeness", {"direction": "in"}, by_vertex(nx.closeness_centrality(graph))
    yield "harmonic", {"direction": "in"}, by_vertex(nx.harmonic_centrality(graph))
    yield "degrees", {}, [[v, several.in_degree(v), several.out_degree(v)] for v in sorted(graph)]
    marks = {"landmarks": f"{first},{second}"}
    yield "landmarks", marks, distance_rows(graph, [first, second], hops)
    parts = nx.strongly_connected_components(graph)
    yield "strongly-connected-components", {}, named_by_smallest(parts)
    counted = nx.DiGraph()
    for ends in several.edges():
        counted.add_edge(*ends, weight=several.number_of_edges(*ends))
    katz = nx.katz_centrality_numpy(counted, 0.05, 1.0, normalized=False, weight="weight")
    yield "katz", {"alpha": 0.05}, by_vertex(katz)
    ranks = nx.pagerank(several, tol=1e-16, max_iter=10_000, personalization={first: 1, second: 1})
    yield "personalized-pagerank", {"sources": f"{first},{second}"}, by_vertex(ranks)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    yield "reciprocity", {}, {"reciprocity": value(float(nx.overall_reciprocity(graph)))}
    if name == PAGES:
        yield "motifs", *matches(graph, nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c")]))
        yield "motifs", *matches(graph, nx.DiGraph([("a", "b"), ("b", "a"), ("b", "c"), ("a", "c")]))
        betweenness = nx.betweenness_centrality(graph, normalized=False)
        yield "betweenness", {}, by_vertex(betweenness)
        hubs, authorities = nx.hits(graph, tol=1e-14)
        yield "hits", {}, [[v, value(hubs[v]), value(authorities[v])] for v in sorted(graph)]


def acyclic_cases(name):
    graph = read(name, True, False)
    levels = enumerate(nx.topological_generations(graph))
    yield "topological-sort", {}, by_vertex({v: n for n, level in levels for v in level})
    parts = nx.strongly_connected_components(graph)
    yield "strongly-connected-components", {}, named_by_smallest(parts)
    ends = {v: nx.single_source_shortest_path_length(graph, v) for v in graph}
    yield "diameter", {}, {"diameter": max(max(d.values()) for d in ends.values())}


def main():
    cases = []
    for name in UNDIRECTED:
        cases += ((name, False, False, *case) for case in undirected_cases(name))
        cases += ((name, True, False, *case) for case in acyclic_cases(name))
    cases += (("les-miserables", False, True, *case) for case in weighted_cases("les-miserables"))
    for name in [PAGES, "odd-web"]:
        cases += ((name, True, False, *case) for case in page_cases(name))
    with open(HERE / "networkx.jsonl", "w") as out:
        for graph, directed, weighted, algorithm, arguments, found in cases:
            line = {"graph": graph, "directed": directed, "weighted": weighted}
            line |= {"algorithm": algorithm}
            line |= {"arguments": {name: str(value) for name, value in arguments.items()}}
            line["figures" if isinstance(found, dict) else "rows"] = found
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(f"{len(cases)} cases of {len({case[3] for case in cases})} algorithms")


if __name__ == "__main__":
    main()
