//! The properties of a graph, which tell how its lists are to be read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};
use crate::io::properties::{entries, wrong_entry};

use super::bits::Code;
use super::lists::{Codes, Layout};

/// The key that all graphs of `WebGraph` have.
pub(super) const GRAPH_CLASS: &str = "graphclass";

/// More than any such file has.
const MOST_BYTES: u64 = 1 << 20;

/// How far back a reference may lead; `WebGraph`'s own default is 7.
const MOST_WINDOW: u64 = 255;

/// The longest step of ζ codes.
const MOST_STEP: u64 = 63;

/// Reads the properties of a graph whose lists have so many bits.
pub(super) fn read_layout(path: &Path, bits: u64) -> Result<Layout> {
    let mut text = Vec::new();
    let file = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
    file.map_err(|error| Error::io(path, "read", error))?;
    let text = String::from_utf8_lossy(&text);
    let entries = entries(&text);
    let last = text.lines().count() as u64 + 1;
    let properties = Properties {
        path,
        last,
        entries: entries.iter().map(|(line, key, value)| (*key, (*line, *value))).collect(),
    };
    properties.layout(bits)
}

/// The values of a file with the numbers of their lines.
struct Properties<'a> {
    path: &'a Path,
    /// The line after the last.
    last: u64,
    entries: BTreeMap<&'a str, (u64, &'a str)>,
}

impl Properties<'_> {
    fn layout(&self, bits: u64) -> Result<Layout> {
        let class = self.text(GRAPH_CLASS, "graphclass = it.unimi.dsi.webgraph.BVGraph")?;
        let class = class.strip_prefix("class ").unwrap_or(class);
        if !matches!(class, "it.unimi.dsi.webgraph.BVGraph" | "it.unimi.dsi.big.webgraph.BVGraph") {
            return Err(self.wrong(GRAPH_CLASS, "it.unimi.dsi.webgraph.BVGraph"));
        }
        if self.entries.contains_key("version") {
            self.number("version", 0..=0)?;
        }
        if self.entries.get("endianness").is_some_and(|(_, value)| *value != "big") {
            return Err(self.wrong("endianness", "big"));
        }
        // A list has at least one bit.
        let vertices = self.number("nodes", 0..=u64::from(u32::MAX))?;
        if vertices > bits {
            let expected = format!("at most {bits}, the number of bits of the .graph file");
            return Err(self.wrong("nodes", &expected));
        }
        let arcs = self.number("arcs", 0..=vertices.saturating_mul(vertices))?;
        let window = self.number("windowsize", 0..=MOST_WINDOW)?;
        let least_interval = self.number("minintervallength", 0..=u64::from(u32::MAX))?;
        Ok(Layout { vertices, arcs, window, least_interval, codes: self.codes()? })
    }

    /// The codes: those that flags name, else the usual ones.
    fn codes(&self) -> Result<Codes> {
        let mut codes = Codes {
            outdegrees: Code::Gamma,
            references: Code::Unary,
            block_counts: Code::Gamma,
            blocks: Code::Gamma,
            residuals: self.zeta()?,
        };
        let flags = self.entries.get("compressionflags").map_or("", |(_, value)| *value);
        for flag in flags.split('|').map(str::trim).filter(|flag| !flag.is_empty()) {
            let unknown = || {
                let expected = "flags such as OUTDEGREES_DELTA or RESIDUALS_ZETA, with | between";
                self.wrong_part("compressionflags", flag, expected)
            };
            let (part, code) = flag.rsplit_once('_').ok_or_else(unknown)?;
            let code = match code {
                "GAMMA" => Code::Gamma,
                "DELTA" => Code::Delta,
                "UNARY" if matches!(part, "REFERENCES" | "BLOCK_COUNT" | "BLOCKS") => Code::Unary,
                "ZETA" if part == "RESIDUALS" => self.zeta()?,
                "NIBBLE" if part == "RESIDUALS" => Code::Nibble,
                _ => return Err(unknown()),
            };
            match part {
                "OUTDEGREES" => codes.outdegrees = code,
                "REFERENCES" => codes.references = code,
                "BLOCK_COUNT" => codes.block_counts = code,
                "BLOCKS" => codes.blocks = code,
                "RESIDUALS" => codes.residuals = code,
                // Of a file that is not read.
                "OFFSETS" => {}
                _ => return Err(unknown()),
            }
        }
        Ok(codes)
    }

    fn zeta(&self) -> Result<Code> {
        const USUAL: u32 = 3;
        if !self.entries.contains_key("zetak") {
            return Ok(Code::Zeta(USUAL));
        }
        Ok(Code::Zeta(self.number("zetak", 1..=MOST_STEP)? as u32))
    }

    fn text(&self, key: &str, expected: &str) -> Result<&str> {
        let missing = || wrong_entry(self.path, self.last, "end of file", expected);
        self.entries.get(key).map(|(_, value)| *value).ok_or_else(missing)
    }

    fn number(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64> {
        let expected = format!("{key} = a number from {} to {}", range.start(), range.end());
        let value = self.text(key, &expected)?.parse();
        let value = value.ok().filter(|value| range.contains(value));
        value.ok_or_else(|| self.wrong(key, &expected))
    }

    fn wrong(&self, key: &str, expected: &str) -> Error {
        let value = self.entries.get(key).map_or("", |(_, value)| *value);
        self.wrong_part(key, value, expected)
    }

    fn wrong_part(&self, key: &str, part: &str, expected: &str) -> Error {
        let line = self.entries.get(key).map_or(self.last, |(line, _)| *line);
        wrong_entry(self.path, line, &crate::io::fields::quoted(part.as_bytes()), expected)
    }
}
