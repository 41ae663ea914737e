//! Graphs as files (`.ssg`): built once, opened in no time.
//!
//! ```text
//! offset   bytes
//!      0      8  magic number "SSGRAPH1"
//!   4096         frames, each from a multiple of 4096 on: the ids, the hubs, and of each partition
//!                its vertices, their values and the edges into it
//!                the directory: one frame, which says where the others are
//! at the end     where the directory begins (8), its length (8), CRC-32 of these 16 (4), and the
//!                magic number "SSGEND" and two zeros (8)
//! ```
//!
//! Frames are those of spilled blocks: each has a checksum, a version, and a fingerprint of what is
//! in it. Blocks are columns of little-endian numbers, as they stand in memory. A file is read
//! partition by partition, when a partition is first needed, and again where a block is lost.
//!
//! The blocks are the engine's own, so a later version may refuse the files of an earlier one: keep
//! the input, too.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::codec::{decode, encode, fingerprint_of};
use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::rdd::{Context, Rdd};
use crate::whole_file;

use super::dictionary::Dictionary;
use super::edge_block::EdgeBlock;
use super::hubs::Hubs;
use super::layout::Layout;
use super::vertex_block::VertexBlock;
use super::{Graph, Shape};

const MAGIC: [u8; 8] = *b"SSGRAPH1";
const END: [u8; 8] = *b"SSGEND\0\0";
const TRAILER_BYTES: usize = 28;
/// Frames begin at multiples of it, which is a page of memory.
const ALIGNMENT: u64 = 4096;
/// A directory is at most this long, 128 MiB: some hundred bytes a partition.
const DIRECTORY_LIMIT: u64 = 1 << 27;

/// The extension of graphs in this format.
pub const GRAPH_FILE_EXTENSION: &str = "ssg";

/// Where a frame is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    offset: u64,
    length: u64,
}

/// The frames of a partition.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Part {
    vertices: Place,
    values: Place,
    edges: Place,
}

/// What a file says of its graph.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Directory {
    vertex_count: u64,
    edge_count: u64,
    dropped_edges: u64,
    undirected: bool,
    partition_size: u64,
    asked_hubs: Option<u64>,
    /// Fingerprints of the types of vertex and edge values.
    types: [u64; 2],
    ids: Place,
    hubs: Place,
    /// What another floor keeps beside the graph.
    beside: Option<Place>,
    parts: Vec<Part>,
}

impl<V: Data, E: Data> Graph<V, E> {
    /// Writes the graph to a file, from which [`GraphFile`] opens it again without building it. The
    /// file appears when it is whole; one that is there already is replaced. Returns its length in
    /// bytes: about 4 to 6 an edge, and 17 a vertex, besides the values.
    ///
    /// ```
    /// use superstep::graph::GraphFile;
    /// use superstep::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("roads.ssg");
    /// let ctx = Context::local(2)?;
    /// let roads = ctx.parallelize([Edge::new(1, 2, 4.5), Edge::new(2, 9, 0.5)], 2);
    /// Graph::from_edges(&roads)?.save(&path)?;
    ///
    /// let file = GraphFile::open(&path)?;
    /// assert_eq!((file.vertex_count(), file.edge_count(), file.is_weighted()), (3, 2, true));
    /// let graph: Graph<(), f64> = file.graph(&ctx)?;
    /// assert_eq!(graph.out_degrees().collect()?, [(1, 1), (2, 1), (9, 0)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be written; otherwise when computing the graph's
    /// blocks fails.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let mut file = whole_file::create(path)?;
        let length = self.write_to(file.as_file_mut(), path)?;
        whole_file::finish(file, path)?;
        Ok(length)
    }

    /// Writes what [`save`](Self::save) writes to any sink, from its first byte to its last; `path`
    /// names it in errors. Returns the number of bytes.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn write_to(&self, sink: impl Write, path: &Path) -> Result<u64> {
        self.write_beside(sink, path, None)
    }

    /// As [`write_to`](Self::write_to), with a frame that [`GraphFile::beside`] reads.
    pub(crate) fn write_beside(
        &self,
        sink: impl Write,
        path: &Path,
        beside: Option<&[u8]>,
    ) -> Result<u64> {
        let mut out = Frames { sink: BufWriter::with_capacity(1 << 20, sink), length: 0, path };
        out.put(&MAGIC)?;
        let ids = out.frame(&encode(&[&*self.shape.dictionary].map(StoredIds::of))?)?;
        let hubs = out.frame(&encode(&[self.hubs.list().to_vec()])?)?;
        let beside = beside.map(|frame| out.frame(frame)).transpose()?;
        let blocks = self.vertices.zip_nodes(&self.values, "blocks", None, |blocks, values| {
            Ok(Box::new(blocks.zip(values)))
        });
        let frames = blocks.zip_nodes(&self.edges, "frames", None, |blocks, edges| {
            let mut frames = Vec::new();
            for ((vertices, values), edges) in blocks.zip(edges) {
                frames.push([encode(&[vertices])?, encode(&[values])?, encode(&[edges])?]);
            }
            Ok(Box::new(frames.into_iter()))
        });
        let mut parts = Vec::new();
        for frames in frames.to_local_iterator()? {
            let [vertices, values, edges] = frames?;
            let (vertices, values) = (out.frame(&vertices)?, out.frame(&values)?);
            parts.push(Part { vertices, values, edges: out.frame(&edges)? });
        }
        let directory = Directory {
            vertex_count: self.vertex_count(),
            edge_count: self.shape.edge_count,
            dropped_edges: self.shape.dropped_edges,
            undirected: self.shape.undirected,
            partition_size: self.shape.layout.partition_size() as u64,
            asked_hubs: self.shape.asked_hubs.map(|hubs| hubs as u64),
            types: [fingerprint_of::<V>()?, fingerprint_of::<E>()?],
            ids,
            hubs,
            beside,
            parts,
        };
        let place = out.frame(&encode(&[directory])?)?;
        out.put(&trailer(place))?;
        let Frames { mut sink, length, .. } = out;
        sink.flush().map_err(|error| Error::io(path, "write", error))?;
        Ok(length)
    }
}

/// Frames one after another on their way to a file.
struct Frames<'a, W: Write> {
    sink: BufWriter<W>,
    length: u64,
    path: &'a Path,
}

impl<W: Write> Frames<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.sink.write_all(bytes).map_err(|error| Error::io(self.path, "write", error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn frame(&mut self, frame: &[u8]) -> Result<Place> {
        let offset = self.length.next_multiple_of(ALIGNMENT);
        let gap = [0; ALIGNMENT as usize];
        self.put(&gap[..(offset - self.length) as usize])?;
        self.put(frame)?;
        Ok(Place { offset, length: frame.len() as u64 })
    }
}

/// The end of a file whose directory is at a place.
fn trailer(directory: Place) -> [u8; TRAILER_BYTES] {
    let mut end = [0; TRAILER_BYTES];
    end[..8].copy_from_slice(&directory.offset.to_le_bytes());
    end[8..16].copy_from_slice(&directory.length.to_le_bytes());
    let checksum = crc32fast::hash(&end[..16]);
    end[16..20].copy_from_slice(&checksum.to_le_bytes());
    end[20..].copy_from_slice(&END);
    end
}

/// Ids as they are stored: all of them, or what makes them up.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum StoredIds {
    Same(u32),
    Listed(#[serde(with = "crate::codec::packed")] Vec<u64>),
    /// With few gaps: how far each is beyond the one before, less one; the first beyond 0.
    Gaps(#[serde(with = "crate::codec::packed")] Vec<u8>),
}

impl StoredIds {
    fn of(dictionary: &Dictionary) -> Self {
        if dictionary.is_same() {
            return Self::Same(dictionary.len() as u32);
        }
        let ids = dictionary.ids(0..dictionary.len());
        let mut next = 0;
        let gaps = ids.iter().map(|id| {
            let gap = u8::try_from(*id - next).ok();
            next = id.wrapping_add(1);
            gap
        });
        match gaps.collect::<Option<Vec<u8>>>() {
            Some(gaps) => Self::Gaps(gaps),
            None => Self::Listed(ids),
        }
    }

    fn dictionary(self) -> Result<Dictionary> {
        let ids = match self {
            Self::Same(count) => return Dictionary::from_ids((0..u64::from(count)).collect()),
            Self::Listed(ids) => ids,
            Self::Gaps(gaps) => {
                let mut next = 0;
                let ids = gaps.iter().map(|gap| {
                    next += u64::from(*gap) + 1;
                    next - 1
                });
                ids.collect()
            }
        };
        if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(ErrorKind::Codec("its ids do not ascend".to_owned()).into());
        }
        Dictionary::from_ids(ids)
    }
}

/// A graph in a file that [`Graph::save`] wrote.
#[derive(Debug, Clone)]
pub struct GraphFile {
    path: PathBuf,
    directory: Arc<Directory>,
}

impl GraphFile {
    /// Opens a file: reads and checks what it says of itself, and no block.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be read, [`ErrorKind::Unreadable`] when it is no graph,
    /// is damaged as far as that shows, or was written by a version whose blocks are other ones.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        // Tasks may start after the working directory has changed.
        let path = path.as_ref();
        let path = std::path::absolute(path).map_err(|error| Error::io(path, "open", error))?;
        let directory = Arc::new(read_directory(&path)?);
        Ok(Self { path, directory })
    }

    /// True when a file begins as those of this format do.
    #[must_use]
    pub fn recognizes(beginning: &[u8]) -> bool {
        beginning.starts_with(&MAGIC)
    }

    /// Returns the number of vertices.
    #[must_use]
    pub fn vertex_count(&self) -> u64 {
        self.directory.vertex_count
    }

    /// Returns the number of directed edges; an undirected graph has each edge in both directions.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.directory.edge_count
    }

    /// True when the graph was built with edges going both ways.
    #[must_use]
    pub fn is_undirected(&self) -> bool {
        self.directory.undirected
    }

    /// Returns the number of partitions.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.directory.parts.len()
    }

    /// True when the edges' values are of type `f64`.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        fingerprint_of::<f64>().is_ok_and(|f64s| self.directory.types[1] == f64s)
    }

    /// Returns the graph. Its ids are read at once; a block is read, verified and kept at the
    /// context's storage level when it is first needed.
    ///
    /// The types have to have the structure of those that were saved; names do not matter.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`ErrorKind::Unreadable`] where the values are of other types.
    /// A damaged block is the same error of the action that reads it.
    pub fn graph<V: Data, E: Data>(&self, context: &Context) -> Result<Graph<V, E>> {
        let Self { path, directory } = self;
        let refuse = |reason: &str| unreadable(path, reason.to_owned());
        let types = [fingerprint_of::<V>()?, fingerprint_of::<E>()?];
        for (kind, at) in [("vertices", 0), ("edges", 1)] {
            if types[at] != directory.types[at] {
                return Err(refuse(&format!("the values of its {kind} are of another type")));
            }
        }
        let vertex_count = directory.vertex_count as usize;
        let size = u32::try_from(directory.partition_size).ok();
        let layout = size.and_then(|size| {
            Layout::with_partition_size(vertex_count, directory.parts.len(), size)
        });
        let layout = layout.ok_or_else(|| refuse("its partitions do not go together"))?;
        let ids: StoredIds = read_frame(path, directory.ids)?;
        let dictionary = context.runtime().pool.install(|| ids.dictionary());
        let dictionary = dictionary.map_err(|error| unreadable(path, error.to_string()))?;
        let list: Vec<u32> = read_frame(path, directory.hubs)?;
        if dictionary.len() != vertex_count {
            return Err(refuse("it has another number of ids than of vertices"));
        }
        let hubs = Hubs::of_list(list, &layout).ok_or_else(|| refuse("a hub is no vertex"))?;
        let vertices: Rdd<Arc<VertexBlock>> =
            self.blocks(context, "saved_vertices", |part| part.vertices);
        let values: Rdd<Arc<Vec<V>>> = self.blocks(context, "saved_values", |part| part.values);
        let edges: Rdd<Arc<EdgeBlock<E>>> = self.blocks(context, "saved_edges", |part| part.edges);
        let level = vertices.runtime().storage_level;
        let shape = Shape {
            dictionary: Arc::new(dictionary),
            layout,
            undirected: directory.undirected,
            storage_level: level,
            edge_count: directory.edge_count,
            dropped_edges: directory.dropped_edges,
            asked_hubs: directory.asked_hubs.map(|hubs| hubs as usize),
            mostly_local: OnceLock::new(),
        };
        Ok(Graph::of_blocks(
            shape,
            vertices.persist(level)?,
            values.persist(level)?,
            edges.persist(level)?,
            Arc::new(hubs),
        ))
    }

    /// What was written beside the graph, if anything was.
    pub(crate) fn beside<T: Data>(&self) -> Result<Option<T>> {
        self.directory.beside.map(|place| read_frame(&self.path, place)).transpose()
    }

    /// Blocks of one kind, one a partition.
    fn blocks<T: Data>(
        &self,
        context: &Context,
        name: &'static str,
        place: fn(&Part) -> Place,
    ) -> Rdd<T> {
        let Self { path, directory } = self.clone();
        Rdd::source(context.runtime(), name, directory.parts.len(), move |partition| {
            let block: T = read_frame(&path, place(&directory.parts[partition]))?;
            Ok(Box::new(std::iter::once(block)))
        })
    }
}

fn unreadable(path: &Path, reason: String) -> Error {
    ErrorKind::Unreadable { path: path.to_owned(), reason }.into()
}

/// Reads the directory at the end of a file, and checks that it fits the file.
fn read_directory(path: &Path) -> Result<Directory> {
    let failed = |error| Error::io(path, "read", error);
    let mut file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
    let length = file.metadata().map_err(failed)?.len();
    let mut magic = Vec::new();
    (&mut file).take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(failed)?;
    if magic != MAGIC {
        let reason = "it is no graph of this format: wrong magic number";
        return Err(unreadable(path, reason.to_owned()));
    }
    let mut end = [0; TRAILER_BYTES];
    let whole = length >= ALIGNMENT + TRAILER_BYTES as u64;
    if whole {
        file.seek(SeekFrom::End(-(TRAILER_BYTES as i64))).map_err(failed)?;
        file.read_exact(&mut end).map_err(failed)?;
    }
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&end[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    let place = Place { offset: number(0), length: number(8) };
    let goes_on = place.offset.checked_add(place.length)
        == Some(length - TRAILER_BYTES as u64 * u64::from(whole));
    if !whole || end != trailer(place) || !goes_on || place.length > DIRECTORY_LIMIT {
        return Err(unreadable(path, "it is cut short, or its end is damaged".to_owned()));
    }
    let directory: Directory = read_frame(path, place)?;
    let parts = directory.parts.iter().flat_map(|part| [part.vertices, part.values, part.edges]);
    let fits = |of: Place| of.offset.checked_add(of.length).is_some_and(|end| end <= place.offset);
    let others = [directory.ids, directory.hubs].into_iter().chain(directory.beside);
    if !parts.chain(others).all(fits) {
        return Err(unreadable(path, "its directory names places beyond its end".to_owned()));
    }
    Ok(directory)
}

/// Reads the only row of a frame.
fn read_frame<T: Data>(path: &Path, place: Place) -> Result<T> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => unreadable(path, "it is cut short".to_owned()),
        _ => Error::io(path, "read", error),
    };
    let mut file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
    file.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
    let mut frame = Vec::new();
    frame
        .try_reserve_exact(place.length as usize)
        .map_err(|error| failed(io::Error::other(error)))?;
    file.take(place.length).read_to_end(&mut frame).map_err(failed)?;
    let rows = decode(&frame).map_err(|error| {
        let at = place.offset;
        unreadable(
            path,
            format!("what begins at byte {at} is damaged or of another version: {error}"),
        )
    })?;
    let [row]: [T; 1] = rows.try_into().map_err(|rows: Vec<T>| {
        unreadable(path, format!("{} rows at byte {}, where one belongs", rows.len(), place.offset))
    })?;
    Ok(row)
}

#[cfg(test)]
mod tests;
