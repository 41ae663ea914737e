//! The eleven storage levels of Spark 1.x.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// How a persisted RDD keeps its partitions.
///
/// A level is four facts: whether memory is used, whether disk is used, whether rows in memory
/// stay objects (*deserialised*) or become bytes, and how many processes hold a copy. On one
/// process a replication of 2 is accepted and has the effect of 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StorageLevel {
    use_disk: bool,
    use_memory: bool,
    deserialized: bool,
    replication: u8,
}

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident = $disk:literal, $memory:literal, $rows:literal, $copies:literal;)*) => {
        impl StorageLevel {
            $($(#[$doc])* pub const $name: Self = Self {
                use_disk: $disk, use_memory: $memory, deserialized: $rows, replication: $copies,
            };)*

            /// All levels with their names, in Spark's order.
            pub const ALL: &'static [(&'static str, Self)] = &[$((stringify!($name), Self::$name)),*];
        }
    };
}

levels! {
    /// Not persisted: recomputed at every use.
    NONE = false, false, false, 1;
    /// Encoded on disk only.
    DISK_ONLY = true, false, false, 1;
    /// [`DISK_ONLY`](Self::DISK_ONLY) with a copy on a second process.
    DISK_ONLY_2 = true, false, false, 2;
    /// Rows in memory; what does not fit is recomputed.
    MEMORY_ONLY = false, true, true, 1;
    /// [`MEMORY_ONLY`](Self::MEMORY_ONLY) with a copy on a second process.
    MEMORY_ONLY_2 = false, true, true, 2;
    /// Encoded in memory: smaller, slower to read.
    MEMORY_ONLY_SER = false, true, false, 1;
    /// [`MEMORY_ONLY_SER`](Self::MEMORY_ONLY_SER) with a copy on a second process.
    MEMORY_ONLY_SER_2 = false, true, false, 2;
    /// Rows in memory; what does not fit goes to disk.
    MEMORY_AND_DISK = true, true, true, 1;
    /// [`MEMORY_AND_DISK`](Self::MEMORY_AND_DISK) with a copy on a second process.
    MEMORY_AND_DISK_2 = true, true, true, 2;
    /// Encoded in memory; what does not fit goes to disk.
    MEMORY_AND_DISK_SER = true, true, false, 1;
    /// [`MEMORY_AND_DISK_SER`](Self::MEMORY_AND_DISK_SER) with a copy on a second process.
    MEMORY_AND_DISK_SER_2 = true, true, false, 2;
}

impl StorageLevel {
    /// True when partitions may be written to disk.
    #[must_use]
    pub fn uses_disk(self) -> bool {
        self.use_disk
    }

    /// True when partitions may be kept in memory.
    #[must_use]
    pub fn uses_memory(self) -> bool {
        self.use_memory
    }

    /// True when rows in memory stay objects rather than bytes.
    #[must_use]
    pub fn is_deserialized(self) -> bool {
        self.deserialized
    }

    /// The number of processes that hold a copy: 1 or 2.
    #[must_use]
    pub fn replication(self) -> u8 {
        self.replication
    }

    /// True when partitions are kept at all.
    #[must_use]
    pub fn is_persistent(self) -> bool {
        self.use_disk || self.use_memory
    }

    /// The level's name, such as `MEMORY_AND_DISK`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, level)| *level == self).map_or("CUSTOM", |(name, _)| name)
    }
}

impl fmt::Display for StorageLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for StorageLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StorageLevel {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let level = Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        level.map(|(_, level)| *level).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|(known, _)| *known).collect();
            Error::argument(format!("unknown storage level {name}; known are {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleven_levels_are_told_apart_by_their_flags_and_found_by_name() {
        assert_eq!(StorageLevel::ALL.len(), 11);
        for (name, level) in StorageLevel::ALL {
            assert_eq!(name.parse::<StorageLevel>().unwrap(), *level);
            assert_eq!(level.to_string(), *name);
        }
        assert!("MEMORY".parse::<StorageLevel>().is_err());
    }
}
