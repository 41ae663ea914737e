//! Operations on two RDDs by key.

use std::collections::{BTreeMap, BTreeSet};

use superstep::Result;

use crate::{assert_same_rows, check_all, groups, sorted};

#[test]
fn operations_on_two_sides() -> Result<(), String> {
    check_all(|ctx, input| {
        let (left, right, to) = (input.left(ctx)?, input.right(ctx)?, input.partitions[2]);
        let (l, r) = (groups(&input.left), groups(&input.right));
        let keys: BTreeSet<u8> = l.keys().chain(r.keys()).copied().collect();
        let side = |groups: &BTreeMap<u8, Vec<i64>>, key: &u8| {
            groups.get(key).cloned().unwrap_or_default()
        };
        let cogrouped = keys.iter().map(|key| (*key, (side(&l, key), side(&r, key))));
        assert_same_rows(&left.cogroup(&right, to), cogrouped)?;

        let mut full = Vec::new();
        for key in keys {
            let pad = |values: Vec<i64>| -> Vec<Option<i64>> {
                if values.is_empty() { vec![None] } else { values.into_iter().map(Some).collect() }
            };
            for v in pad(side(&l, &key)) {
                full.extend(pad(side(&r, &key)).into_iter().map(|w| (key, (v, w))));
            }
        }
        assert_same_rows(&left.full_outer_join(&right, to), full.clone())?;
        let inner = full.iter().filter_map(|(k, (v, w))| Some((*k, ((*v)?, (*w)?))));
        assert_same_rows(&left.join(&right, to), inner.clone())?;
        assert_same_rows(&left.partition_by(to).join(&right, to), inner)?;
        let outer = full.iter().filter_map(|(k, (v, w))| Some((*k, ((*v)?, *w))));
        assert_same_rows(&left.left_outer_join(&right, to), outer)?;
        let outer = full.iter().filter_map(|(k, (v, w))| Some((*k, (*v, (*w)?))));
        assert_same_rows(&left.right_outer_join(&right, to), outer)
    })
}

#[test]
fn rows_of_one_side_are_kept_by_what_the_other_has() -> Result<(), String> {
    check_all(|ctx, input| {
        let (left, right, to) = (input.left(ctx)?, input.right(ctx)?, input.partitions[2]);
        let keys: BTreeSet<u8> = input.right.iter().map(|(key, _)| *key).collect();
        let rest = || input.left.iter().copied().filter(|(key, _)| !keys.contains(key));
        for left in [left.clone(), left.partition_by(to)] {
            let subtracted = left.subtract_by_key(&right, to);
            assert_eq!(subtracted.partitioner(), Some(format!("hash({to})")));
            assert_same_rows(&subtracted, rest())?;
            // The rows of a key are together and in order.
            for (key, values) in groups(&rest().collect::<Vec<_>>()) {
                assert_eq!(subtracted.lookup(&key)?, values);
            }
        }

        // Rows that are likely to be on both sides, and several times.
        let small = |(k, v): (u8, i64)| (k % 4, v % 4);
        let there: BTreeSet<_> = input.right.iter().copied().map(small).collect();
        let here = || input.left.iter().copied().map(small);
        let (left, right) = (left.map(small), right.map(small));
        assert_same_rows(&left.subtract(&right, to), here().filter(|row| !there.contains(row)))?;
        let shared =
            here().collect::<BTreeSet<_>>().intersection(&there).copied().collect::<Vec<_>>();
        assert_eq!(sorted(left.intersection(&right, to).collect()?), shared);
        Ok(())
    })
}

#[test]
fn three_sides_are_grouped() -> Result<(), String> {
    check_all(|ctx, input| {
        let (left, right, to) = (input.left(ctx)?, input.right(ctx)?, input.partitions[2]);
        let third = left.filter(|(k, v)| (v + i64::from(*k)) % 2 == 0).map_values(|v| v * 2);
        let even = input.left.iter().filter(|(k, v)| (v + i64::from(*k)) % 2 == 0);
        let even: Vec<_> = even.map(|(k, v)| (*k, v * 2)).collect();
        let sides = [groups(&input.left), groups(&input.right), groups(&even)];
        let keys: BTreeSet<u8> = sides.iter().flat_map(|side| side.keys().copied()).collect();
        let of = |side: usize, key: &u8| sides[side].get(key).cloned().unwrap_or_default();
        let expected: Vec<_> =
            keys.iter().map(|key| (*key, (of(0, key), of(1, key), of(2, key)))).collect();
        let grouped = left.cogroup3(&right, &third, to);
        assert_eq!(grouped.partitioner(), Some(format!("hash({to})")));
        assert_same_rows(&grouped, expected.clone())?;
        assert_same_rows(&left.partition_by(to).cogroup3(&right, &third, to), expected)
    })
}
