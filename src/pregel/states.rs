//! The states of a partition's vertices, in pages that generations share.
//!
//! A superstep copies the pages of the vertices that compute and shares the others with the
//! generation before, which stays whole: changing few states costs little, and a lost block can be
//! computed again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The bytes of a page, where so many states fit.
const PAGE_BYTES: usize = 4096;

/// One state a vertex.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct States<S> {
    pages: Vec<Arc<Vec<S>>>,
}

impl<S> States<S> {
    /// States a page: a power of two, and a whole number of the bitmaps' words. The smaller, the less
    /// is copied where few vertices compute that are far from one another; the larger, the fewer
    /// allocations there are where all do.
    pub(super) const PAGE: usize = match PAGE_BYTES.checked_div(size_of::<S>()) {
        Some(fitting) if fitting <= 64 => 64,
        Some(fitting) if fitting < 512 => 1 << fitting.ilog2(),
        _ => 512,
    };

    /// The states of so many vertices, made one after another.
    pub(super) fn new(vertices: usize, mut make: impl FnMut(usize) -> S) -> Self {
        let starts = (0..vertices).step_by(Self::PAGE);
        let page = |start: usize| {
            let page = start..(start + Self::PAGE).min(vertices);
            Arc::new(page.map(&mut make).collect())
        };
        Self { pages: starts.map(page).collect() }
    }
}

impl<S: Clone> States<S> {
    /// The states in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &S> {
        self.pages.iter().flat_map(|page| page.iter())
    }

    /// The state of a vertex.
    pub(super) fn get(&self, local: usize) -> &S {
        &self.pages[local / Self::PAGE][local % Self::PAGE]
    }

    /// The page of a vertex for changing it; copied if another generation has it, too.
    #[inline]
    pub(super) fn page_mut(&mut self, local: usize) -> &mut [S] {
        let page: &mut Vec<S> = Arc::make_mut(&mut self.pages[local / Self::PAGE]);
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = States::<usize>::PAGE;

    #[test]
    fn a_page_has_a_whole_number_of_words_of_states_and_few_bytes() {
        assert_eq!(PAGE, 512);
        assert_eq!(States::<()>::PAGE, 512);
        assert_eq!(States::<u8>::PAGE, 512);
        assert_eq!(States::<[u64; 2]>::PAGE, 256);
        assert_eq!(States::<[u64; 3]>::PAGE, 128);
        assert_eq!(States::<[u64; 99]>::PAGE, 64);
    }

    #[test]
    fn changing_a_state_copies_its_page_and_no_other() {
        for count in [0, 1, PAGE - 1, PAGE, 3 * PAGE + 5] {
            let before = States::new(count, |local| local);
            let mut after = before.clone();
            if count > 0 {
                after.page_mut(count - 1)[(count - 1) % PAGE] = 77;
                assert_eq!(*after.get(count - 1), 77);
            }
            assert!(before.iter().copied().eq(0..count));
            let shared = before.pages.iter().zip(&after.pages).filter(|(a, b)| Arc::ptr_eq(a, b));
            assert_eq!(shared.count(), count.div_ceil(PAGE).saturating_sub(1));
        }
    }
}
