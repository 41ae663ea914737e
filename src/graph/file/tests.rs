use std::fs;

use super::*;
use crate::graph::Edge;

type Rows = Vec<(u64, u64, u32)>;

fn rows<V: Data>(graph: &Graph<V, u32>) -> Result<Rows> {
    let edges = graph.edges().collect()?;
    Ok(edges.into_iter().map(|edge| (edge.source, edge.target, edge.value)).collect())
}

#[test]
fn a_graph_comes_back_with_its_ids_values_hubs_and_edges() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.ssg");
    let ctx = Context::local(2)?;
    let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for id in [|n| n, |n| n + n / 3, |n| n * 400, spread] {
        for (undirected, partitions, hubs) in [(false, 1, 0), (true, 9, 20), (false, 200, 3)] {
            let edges = (0..900_u64).map(|n| Edge::new(id(n * n % 31), id(n * 7 % 101), n as u32));
            let values = (0..105).map(|n| (id(n), n.to_string()));
            let builder = Graph::builder().undirected(undirected).partitions(partitions).hubs(hubs);
            let built = builder.parts(&ctx.parallelize(values, 3), &ctx.parallelize(edges, 4))?;
            let length = built.save(&path)?;
            assert_eq!(length, fs::metadata(&path).unwrap().len());

            let file = GraphFile::open(&path)?;
            assert_eq!(file.vertex_count(), built.vertex_count());
            assert_eq!(file.edge_count(), built.edge_count());
            assert_eq!((file.is_undirected(), file.is_weighted()), (undirected, false));
            assert_eq!(file.partition_count(), partitions);
            let other = Context::local(1)?;
            let opened: Graph<String, u32> = file.graph(&other)?;
            assert_eq!(opened.hubs.list(), built.hubs.list());
            for _ in 0..2 {
                assert_eq!(rows(&opened)?, rows(&built)?);
                assert_eq!(opened.vertices().collect()?, built.vertices().collect()?);
                assert_eq!(opened.out_degrees().collect()?, built.out_degrees().collect()?);
                // Lost blocks are read again.
                other.stop()?;
            }
            let reason = file.graph::<String, f64>(&other).unwrap_err().to_string();
            assert!(reason.contains("the values of its edges are of another type"), "{reason}");
        }
    }
    Ok(())
}

#[test]
fn a_damaged_file_is_an_error_and_never_another_graph() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.ssg");
    let ctx = Context::local(2)?;
    let edges = ctx.parallelize((0..60_u32).map(|n| Edge::new(n.into(), 7, n)), 2);
    let graph = Graph::builder().partitions(2).edges(&edges)?;
    graph.save(&path)?;
    let expected = rows(&graph)?;
    let whole = fs::read(&path).unwrap();
    let read = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        rows(&GraphFile::open(&path)?.graph::<(), u32>(&ctx)?)
    };
    assert_eq!(read(&whole)?, expected);
    for cut in (0..whole.len()).step_by(whole.len() / 150).chain([whole.len() - 1]) {
        let error = read(&whole[..cut]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unreadable { .. }), "{cut}: {error}");
    }
    let mut refused = 0;
    for at in (0..whole.len()).filter(|at| at % 4096 < 100 || *at + 40 > whole.len()) {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        // Between frames a change means nothing.
        match read(&changed) {
            Ok(rows) => assert_eq!(rows, expected, "{at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 300, "{refused}");
    Ok(())
}
