use super::super::testing::small_store;
use super::*;
use crate::hash::KeyTable;

/// Folds by hand: a number that depends on the order of the values.
fn expected(rows: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, f64)> {
    let mut table: KeyTable<u64, f64> = KeyTable::default();
    for (key, value) in rows {
        let sum = table.entry(key).or_insert(0.0);
        *sum = *sum * 0.999 + value as f64;
    }
    table.into_iter().collect()
}

#[test]
fn keys_and_bits_are_the_same_whether_they_fit_or_not() -> Result<()> {
    for (rows, keys) in [(0, 1), (1_000, 10), (300_000, 50_000), (900_000, 400_000)] {
        let store = small_store();
        let input = (0..rows).map(move |row: u64| (row * 2_654_435_761 % keys, row));
        let folded =
            fold_by_key(&store, input.clone(), |v| v as f64, |sum, v| sum * 0.999 + v as f64)?;
        assert_eq!(store.spilled().1 > 0, keys >= 50_000, "{keys}");
        assert!(folded.eq(expected(input)), "{keys}");
        assert_eq!((store.used().0, store.spilled().0), (0, 0));
    }
    Ok(())
}

#[test]
fn buckets_get_what_folding_and_sending_would_give() -> Result<()> {
    for (rows, keys) in [(0, 1), (1_000, 10), (100_000, 1_000), (500_000, 60_000)] {
        let store = small_store();
        // More keys later on, so that folding seems to pay.
        let input = (0..rows).map(move |row: u64| (row * 7_919 % keys.min(row / 4 + 1), row));
        let (create, merge) = (|v| v as f64, |sum, v| sum * 0.999 + v as f64);
        let home = |key: &u64| (key % 7) as usize;
        let filled = fold_into_buckets(&store, input.clone(), home, 7, create, merge)?;
        assert_eq!(store.spilled().1 > 0, keys == 60_000, "{keys}");
        for bucket in 0..7 {
            let block = filled.iter().find(|(number, _)| *number == bucket);
            let folded = block.into_iter().flat_map(|(_, block)| block.plain_iter::<(u64, f64)>());
            assert!(folded.eq(expected(input.clone().filter(|row| home(&row.0) == bucket))));
        }
        drop(filled);
        assert_eq!((store.used().0, store.spilled().0), (0, 0));
    }
    Ok(())
}

#[test]
fn rows_that_hardly_repeat_a_key_are_sent_one_by_one() -> Result<()> {
    // Whether they fit or not.
    for store in [small_store(), Arc::new(Store::new(1 << 30, 1, None))] {
        let input = (0..200_000_u64).map(|row| (row % 50_000, row));
        let filled = fold_into_buckets(&store, input, |_| 0, 1, |v| vec![v], |_, _| vec![])?;
        let sent = filled[0].1.plain_iter::<(u64, Vec<u64>)>();
        assert!(sent.eq((0..200_000).map(|row| (row % 50_000, vec![row]))));
    }
    Ok(())
}

#[test]
fn groups_that_grow_are_spilled_and_come_back_in_order() -> Result<()> {
    let store = small_store();
    let input = (0..600_000_u64).map(|row| (row % 100, row));
    let push = |mut group: Vec<u64>, value| {
        group.push(value);
        group
    };
    let groups = fold_by_key(&store, input, |value| vec![value], push)?;
    assert!(store.spilled().1 > 0);
    for (at, (key, group)) in groups.enumerate() {
        assert_eq!(key, at as u64);
        assert!(group.into_iter().eq((0..6_000).map(|n| n * 100 + key)));
    }
    Ok(())
}

#[test]
fn a_single_key_that_does_not_fit_is_folded_all_the_same() -> Result<()> {
    let store = small_store();
    let push = |mut group: Vec<u64>, value| {
        group.push(value);
        group
    };
    let input = (0..500_000_u64).map(|row| (7, row));
    let groups: Vec<_> = fold_by_key(&store, input, |value| vec![value], push)?.collect();
    assert!(groups.len() == 1 && groups[0].1.iter().copied().eq(0..500_000));
    Ok(())
}

#[test]
fn long_keys_count() -> Result<()> {
    let store = small_store();
    let input = (0..2_000).map(|row: usize| (format!("{row:01000}"), row));
    let folded = fold_by_key(&store, input.clone(), |v| v, |a, b| a + b)?;
    assert!(store.spilled().1 > 0);
    assert!(folded.eq(input));
    Ok(())
}
