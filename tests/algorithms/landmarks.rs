//! Shortest paths to landmarks.

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::{landmarks, landmarks_weighted, shortest_paths};
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, degenerate, path, star};

#[test]
fn on_a_path_distances_are_differences() -> Result<()> {
    let marks = [0, 29, 7, 3, 4, 5, 6, 8, 9, 10];
    path(30).same(|graph| {
        let rows = landmarks(graph, marks).run()?.collect()?;
        for (vertex, (id, distances)) in rows.into_iter().enumerate() {
            assert_eq!(id, vertex as u64);
            let expected = marks.map(|mark| Some(mark.abs_diff(id) as u32));
            assert_eq!(distances, expected);
        }
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_their_own_vertices_within_reach() -> Result<()> {
    for (_, small) in degenerate().iter().filter(|(_, small)| small.count() > 0) {
        small.same(|graph| {
            let all = small.ids.iter().copied();
            for (vertex, (_, distances)) in
                landmarks(graph, all).run()?.collect()?.iter().enumerate()
            {
                assert_eq!(distances[vertex], Some(0));
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn missing_landmarks_are_errors() -> Result<()> {
    let graph = star(2).build(&Context::local(1)?, 1)?;
    let message = |run: Result<_>| run.map(|_| ()).unwrap_err().to_string();
    assert!(message(landmarks(&graph, []).run()).contains("at least one landmark"));
    assert!(message(landmarks(&graph, [1, 99]).run()).contains("99"));
    Ok(())
}

#[test]
fn lengths_that_are_negative_or_no_numbers_are_errors_that_name_the_edge() -> Result<()> {
    for bad in [-1.0, f64::NAN] {
        let graph = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, bad)]);
        let graph = graph.build_weighted(&Context::local(1)?, 2)?;
        let error = landmarks_weighted(&graph, [1]).run().unwrap_err().to_string();
        assert!(error.contains("from 2 to 3") && error.contains("length"), "{error}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn ways_are_as_long_as_the_shortest_paths_from_each_landmark(small in any_multigraph()) {
        if small.count() > 0 {
            // Nine, so that there is a second batch.
            let marks: Vec<_> = (0..9).map(|k| small.ids[k * 5 % small.count()]).collect();
            let found = small.same_weighted(|graph| {
                let from = landmarks_weighted(graph, marks.iter().copied());
                from.direction(Direction::In).run()?.collect()
            })?;
            let back = small.reversed().same_weighted(|graph| {
                landmarks_weighted(graph, marks.iter().copied()).run()?.collect()
            })?;
            assert_eq!(found, back);
            for (lane, mark) in marks.iter().enumerate() {
                let graph = small.build_weighted(&Context::local(2)?, 3)?;
                let expected = shortest_paths(&graph, *mark).run()?.states().collect()?;
                for ((id, distances), (_, expected)) in found.iter().zip(expected) {
                    assert_eq!(distances[lane].unwrap_or(f64::INFINITY), expected, "{id}");
                }
            }
        }
    }

    #[test]
    fn distances_agree_with_searches_from_every_vertex(small in any_multigraph()) {
        if small.count() > 0 {
            let twin = small.distances();
            let marks: Vec<_> = (0..11).map(|k| k * 17 % small.count()).collect();
            small.same(|graph| {
                let ids = || marks.iter().map(|mark| small.ids[*mark]);
                let to = landmarks(graph, ids()).run()?.collect()?;
                let from = landmarks(graph, ids()).direction(Direction::In).run()?.collect()?;
                for vertex in 0..small.count() {
                    for (lane, mark) in marks.iter().enumerate() {
                        assert_eq!(to[vertex].1[lane], twin[vertex][*mark]);
                        assert_eq!(from[vertex].1[lane], twin[*mark][vertex]);
                    }
                }
                Ok(())
            })?;
        }
    }
}
