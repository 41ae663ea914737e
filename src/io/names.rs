//! Names of vertices, numbered.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The names of vertices in the order of their bytes: vertex `i` has the `i`-th.
///
/// Held as one text, so that a name costs its length and four bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    text: String,
    /// Where each name ends in the text.
    #[serde(with = "crate::codec::packed")]
    ends: Vec<u32>,
}

impl Names {
    /// Makes the names of distinct texts, in any order.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when they are longer than 4 GiB together.
    pub fn new(mut names: Vec<String>) -> Result<Self> {
        names.sort_unstable();
        names.dedup();
        let mut all = Self::default();
        for name in &names {
            all.text.push_str(name);
            let end = u32::try_from(all.text.len());
            all.ends.push(end.map_err(|_| Error::argument("names of more than 4 GiB together"))?);
        }
        Ok(all)
    }

    /// Returns how many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True when there is no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the name of a vertex.
    #[must_use]
    pub fn name(&self, id: u64) -> Option<&str> {
        let index = usize::try_from(id).ok()?;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start as usize..*self.ends.get(index)? as usize)
    }

    /// Returns the vertex of a name.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<u64> {
        let (mut low, mut high) = (0, self.len() as u64);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(middle)?.cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_in_the_order_of_their_bytes() -> Result<()> {
        let given = ["b", "", "a b", "é", "a", "b"].map(str::to_owned);
        let names = Names::new(given.to_vec())?;
        let sorted = ["", "a", "a b", "b", "é"];
        assert_eq!(names.len(), sorted.len());
        for (id, name) in (0..).zip(sorted) {
            assert_eq!((names.name(id), names.id(name)), (Some(name), Some(id)));
        }
        assert_eq!((names.name(5), names.id("c"), names.id("zz")), (None, None, None));
        Ok(())
    }
}
