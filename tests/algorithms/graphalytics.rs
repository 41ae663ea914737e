//! The twelve example cases of LDBC Graphalytics, read as they are and run by name.

use superstep::Result;
use superstep::algorithms::{Arguments, Values, find};
use superstep::io::GraphalyticsGraph;
use superstep::prelude::*;
use superstep::validation::{Rule, compare, read_rows, verify, verify_weighted};

use crate::multigraph::PARTITIONS;
use crate::support::public_dataset;

/// Kernel, algorithm, and the properties that are its options.
const KERNELS: [(&str, &str, &[(&str, &str)]); 6] = [
    ("bfs", "bfs", &[("source", "bfs.source-vertex")]),
    ("cdlp", "label-propagation", &[("iterations", "cdlp.max-iterations")]),
    ("lcc", "clustering-coefficient", &[]),
    ("pr", "pagerank", &[("iterations", "pr.num-iterations"), ("damping", "pr.damping-factor")]),
    ("sssp", "sssp", &[("source", "sssp.source-vertex")]),
    ("wcc", "connected-components", &[]),
];

#[test]
fn the_twelve_example_cases_match_for_any_partitions() -> Result<()> {
    let Some(set) = public_dataset("graphalytics-example") else { return Ok(()) };
    let ctx = Context::local(2)?;
    let mut cases = 0;
    for name in ["example-directed", "example-undirected"] {
        let described = GraphalyticsGraph::open(set.join(format!("{name}.properties")))?;
        assert_eq!(described.algorithms(), ["bfs", "cdlp", "lcc", "pr", "sssp", "wcc"]);
        for partitions in PARTITIONS {
            let builder = || Graph::builder().partitions(partitions);
            let weighted = described.load_weighted(&ctx, builder())?;
            let plain = described.load(&ctx, builder())?;
            let count: u64 = described.parameter("meta.vertices")?;
            assert_eq!((plain.vertex_count(), weighted.vertex_count()), (count, count));
            for (kernel, algorithm, options) in KERNELS {
                let mut arguments = Arguments::default();
                for (option, property) in options {
                    arguments.set(*option, described.parameter::<String>(property)?);
                }
                let entry = find(algorithm).unwrap();
                // Weights play no part but for the one that is about them.
                let table = entry.run_weighted(&weighted, &arguments)?;
                let (rule, reference) =
                    (Rule::of_kernel(kernel).unwrap(), described.reference(kernel));
                let comparison = match &table.values {
                    Values::Float(rows) => {
                        compare(rule, rows.collect()?, read_rows(reference, "a number")?)
                    }
                    Values::Integer(rows) | Values::Id(rows) => {
                        compare(rule, rows.collect()?, read_rows(reference, "a number")?)
                    }
                    other => unreachable!("{other:?}"),
                };
                assert!(comparison.is_match(), "{name} {kernel} {partitions}: {comparison}");
                assert_eq!(comparison.expected, count);
                verify_weighted(algorithm, &weighted, &arguments, &table)?;
                if kernel != "sssp" {
                    let table = entry.run(&plain, &arguments)?;
                    verify(algorithm, &plain, &arguments, &table)?;
                }
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 12 * PARTITIONS.len());
    Ok(())
}
