//! A set of local vertex ids as a bitmap.

use serde::{Deserialize, Serialize};

/// A fixed-length set of `0..len`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bits {
    #[serde(with = "crate::codec::packed")]
    words: Vec<u64>,
}

impl Bits {
    /// Makes an empty set that can hold `0..len`.
    pub(crate) fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)] }
    }

    #[inline]
    pub(crate) fn insert(&mut self, index: usize) {
        self.words[index / 64] |= 1 << (index % 64);
    }

    /// Adds another set's members, each further on by `offset`.
    pub(crate) fn insert_all(&mut self, offset: usize, other: &Self) {
        let (first, shift) = (offset / 64, offset % 64);
        for (at, word) in other.words.iter().enumerate().filter(|(_, word)| **word != 0) {
            self.words[first + at] |= word << shift;
            let carried = if shift == 0 { 0 } else { word >> (64 - shift) };
            if carried != 0 {
                self.words[first + at + 1] |= carried;
            }
        }
    }

    #[inline]
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.words[index / 64] >> (index % 64) & 1 == 1
    }

    /// The set's words, 64 members each, lowest first.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The members, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(index * 64 + bit)
            })
        })
    }

    /// How many members are before each word.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut count = 0;
        let before = self.words.iter().map(|word| {
            count += word.count_ones();
            count - word.count_ones()
        });
        before.collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_another_set_are_added_further_on() {
        for offset in [0, 1, 63, 64, 100] {
            let mut other = Bits::new(130);
            let members = [0, 5, 63, 64, 127, 129];
            members.iter().for_each(|member| other.insert(*member));
            let mut all = Bits::new(offset + 130);
            if offset > 0 {
                all.insert(0);
            }
            all.insert_all(offset, &other);
            let before = (offset > 0).then_some(0);
            assert!(all.iter().eq(before.into_iter().chain(members.map(|member| offset + member))));
        }
    }
}
