//! How much there is of each label among what a vertex hears.

use std::cell::RefCell;
use std::ops::AddAssign;

/// Labels with their sums, in the order in which they first came.
pub(super) type Tally<W> = Vec<(u32, W)>;

thread_local! {
    /// Where each label stands in the tally at hand; what earlier tallies left there is behind the
    /// end of this one, or is the place of another label (Briggs and Torczon, *An efficient
    /// representation for sparse sets*, ACM Letters on Programming Languages and Systems 2, 1993).
    /// Looking labels up is most of the work, and hashing them would be more.
    static PLACES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Adds up weights by label. Labels are small numbers: a thread keeps 4 bytes for each up to the
/// largest.
pub(super) fn tally<W: AddAssign>(weights: impl Iterator<Item = (u32, W)>) -> Tally<W> {
    let mut tally = Tally::new();
    tally_into(&mut tally, weights);
    tally
}

/// The same, in a vector that there is, in place of what is in it.
pub(super) fn tally_into<W: AddAssign>(
    tally: &mut Tally<W>,
    weights: impl Iterator<Item = (u32, W)>,
) {
    tally.clear();
    PLACES.with_borrow_mut(|places| {
        weights.for_each(|(label, weight)| {
            if places.len() <= label as usize {
                places.resize(label as usize + 1, 0);
            }
            let place = &mut places[label as usize];
            match tally.get_mut(*place as usize) {
                Some((same, sum)) if *same == label => *sum += weight,
                _ => {
                    *place = tally.len() as u32;
                    tally.push((label, weight));
                }
            }
        });
    });
}

/// Adds a weight to a short tally.
pub(super) fn add<W: AddAssign>(tally: &mut Tally<W>, (label, weight): (u32, W)) {
    match tally.iter_mut().find(|(same, _)| *same == label) {
        Some((_, sum)) => *sum += weight,
        None => tally.push((label, weight)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_their_label_whatever_was_added_up_before() {
        let all = [(7, 1.5), (3, 2.0), (7, 0.25), (0, 4.0), (3, 1.0)];
        for length in (0..=all.len()).rev().chain(0..=all.len()) {
            let found = tally(all[..length].iter().copied());
            let mut one_by_one = Tally::new();
            all[..length].iter().for_each(|item| add(&mut one_by_one, *item));
            assert_eq!(found, one_by_one);
        }
        assert_eq!(tally(all.into_iter()), [(7, 1.75), (3, 3.0), (0, 4.0)]);
    }
}
