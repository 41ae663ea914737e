//! Graphs: co-partitioned RDDs of vertex blocks and edge blocks.
//!
//! A [`Graph<V, E>`] numbers its vertices densely in id order, cuts them into partitions, and
//! keeps each partition's vertices, values and entering edges as one block in an RDD: three RDDs
//! with the same partitioner, so that a superstep joins them without moving anything. Blocks are
//! persisted and carry their lineage.

mod bits;
mod blocks;
mod build;
mod by_source;
mod by_target;
mod chunk;
mod compact;
mod counts;
mod deal;
mod derived;
mod dictionary;
mod edge;
mod edge_block;
mod file;
pub mod generate;
mod grid_draft;
mod hubs;
mod keys;
mod layout;
mod ordered;
mod parts;
mod petgraph;
mod radix;
mod rewired;
mod runs;
mod simple;
mod vertex_block;
mod zip_vertices;

use std::any::Any;
use std::cmp::Reverse;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;
use crate::storage::StorageLevel;

pub use build::{Duplicates, GraphBuilder, SelfLoops};
pub use edge::{Edge, VertexId};
pub use file::{GRAPH_FILE_EXTENSION, GraphFile};
pub use parts::GraphParts;

use derived::Derived;

pub(crate) use bits::Bits;
pub(crate) use by_source::{BySource, Senders, SourceCell};
pub(crate) use by_target::ByTarget;
pub(crate) use derived::Lengths;
pub(crate) use dictionary::Dictionary;
pub(crate) use edge_block::{Cell, EdgeBlock, Local, SHORT, Streams};
pub(crate) use hubs::{Hubs, Origin};
pub(crate) use layout::Layout;
pub(crate) use vertex_block::VertexBlock;

/// A graph with vertex values `V` and edge values `E`, built once and shared by many runs.
///
/// Cheap to clone. The blocks are freed with the last handle.
///
/// ```
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(10, 20), (20, 30), (10, 30)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// assert_eq!((graph.vertex_count(), graph.edge_count()), (3, 3));
/// assert_eq!(graph.out_degrees().collect()?, [(10, 2), (20, 1), (30, 0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
#[must_use]
pub struct Graph<V: 'static = (), E: 'static = ()> {
    pub(crate) shape: Arc<Shape>,
    pub(crate) vertices: Rdd<Arc<VertexBlock>>,
    pub(crate) values: Rdd<Arc<Vec<V>>>,
    pub(crate) edges: Rdd<Arc<EdgeBlock<E>>>,
    pub(crate) hubs: Arc<Hubs>,
    reversed: Arc<OnceLock<BlocksAndHubs<E>>>,
    derived: Arc<[Derived<E>; 2]>,
    /// The graph without values, so that runs that need none share what they make of its edges;
    /// empty in that graph itself.
    plain: Arc<OnceLock<Graph>>,
}

/// Blocks of edges and the hubs among their sources.
type BlocksAndHubs<E> = (Rdd<Arc<EdgeBlock<E>>>, Arc<Hubs>);

/// What does not change when values do.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) layout: Layout,
    pub(crate) undirected: bool,
    pub(crate) storage_level: StorageLevel,
    pub(crate) edge_count: u64,
    dropped_edges: u64,
    /// How many hubs there may be, if the builder said.
    asked_hubs: Option<usize>,
    mostly_local: OnceLock<bool>,
}

impl<V, E> Clone for Graph<V, E> {
    fn clone(&self) -> Self {
        Self {
            shape: Arc::clone(&self.shape),
            vertices: self.vertices.clone(),
            values: self.values.clone(),
            edges: self.edges.clone(),
            hubs: Arc::clone(&self.hubs),
            reversed: Arc::clone(&self.reversed),
            derived: Arc::clone(&self.derived),
            plain: Arc::clone(&self.plain),
        }
    }
}

impl<V, E> fmt::Debug for Graph<V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("vertices", &self.vertex_count())
            .field("edges", &self.shape.edge_count)
            .field("undirected", &self.shape.undirected)
            .field("partitions", &self.partition_count())
            .finish_non_exhaustive()
    }
}

impl<V, E> Graph<V, E> {
    /// A graph of blocks that go together; nothing has been made of its edges yet.
    fn of_blocks(
        shape: Shape,
        vertices: Rdd<Arc<VertexBlock>>,
        values: Rdd<Arc<Vec<V>>>,
        edges: Rdd<Arc<EdgeBlock<E>>>,
        hubs: Arc<Hubs>,
    ) -> Self {
        Self {
            shape: Arc::new(shape),
            vertices,
            values,
            edges,
            hubs,
            reversed: Arc::default(),
            derived: Arc::default(),
            plain: Arc::default(),
        }
    }
}

impl Graph {
    /// Starts the description of a graph.
    pub fn builder() -> GraphBuilder {
        GraphBuilder::default()
    }
}

impl<E: Data> Graph<(), E> {
    /// Builds a directed graph of the vertices that the edges name, with the defaults of
    /// [`GraphBuilder`].
    ///
    /// # Errors
    /// As [`GraphBuilder::edges`].
    pub fn from_edges(edges: &Rdd<Edge<E>>) -> Result<Self> {
        Graph::builder().edges(edges)
    }
}

impl<V: Data, E: Data> Graph<V, E> {
    /// Builds a directed graph of vertices with values, isolated ones included, and edges between
    /// them.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let names = [(1, "ann"), (2, "bob"), (9, "zoe")].map(|(id, name)| (id, name.to_owned()));
    /// let people = ctx.parallelize(names, 2);
    /// let knows = ctx.parallelize([Edge::new(1, 2, 0.5)], 1);
    /// let graph = Graph::from_parts(&people, &knows)?;
    /// assert_eq!(graph.vertex_count(), 3);
    /// assert_eq!(graph.vertices().lookup(&9)?, ["zoe"]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`GraphBuilder::parts`].
    pub fn from_parts(vertices: &Rdd<(VertexId, V)>, edges: &Rdd<Edge<E>>) -> Result<Self> {
        Graph::builder().parts(vertices, edges)
    }

    /// Returns the vertices with their values, in id order.
    pub fn vertices(&self) -> Rdd<(VertexId, V)> {
        self.vertices.zip_nodes(&self.values, "vertices", None, |blocks, values| {
            Ok(Box::new(blocks.zip(values).flat_map(|(block, values)| {
                (0..block.len()).map(move |index| (block.ids[index], values[index].clone()))
            })))
        })
    }

    /// Returns the edges with their values, grouped by the partition of their target and there in
    /// the order of their sources. An undirected graph has each edge in both directions.
    pub fn edges(&self) -> Rdd<Edge<E>> {
        let ids = self.vertices.all_gather();
        let (layout, hubs) = (self.shape.layout, Arc::clone(&self.hubs));
        let numbered = self.edges.narrow("numbered", None, |partition, blocks| {
            Ok(Box::new(blocks.map(move |block| (partition, block))))
        });
        numbered.zip_nodes(&ids, "edges", None, move |blocks, ids| {
            let ids: Vec<_> = ids.flat_map(|part| part.to_vec()).collect();
            let hubs = Arc::clone(&hubs);
            Ok(Box::new(blocks.flat_map(move |(partition, block)| {
                blocks::edges_of(&block, (&layout, &hubs), partition, &ids)
            })))
        })
    }

    /// Returns the graph with every edge turned around. The reversed blocks are built at the first
    /// call (one shuffle of 8 bytes an edge) and kept.
    ///
    /// # Errors
    /// When building the blocks fails.
    pub fn reverse(&self) -> Result<Self> {
        let reversed = Arc::new(OnceLock::new());
        // The reverse of the reverse is there already.
        let _ = reversed.set((self.edges.clone(), Arc::clone(&self.hubs)));
        let turned =
            self.vertices.narrow("turned", self.vertices.partitioning().cloned(), |_, b| {
                Ok(Box::new(b.map(|block| Arc::new(block.turned()))))
            });
        let vertices = turned.persist(self.shape.storage_level)?;
        let (edges, hubs) = self.reversed_edges()?;
        let (derived, plain) = (Arc::default(), Arc::default());
        Ok(Self { vertices, edges, hubs, reversed, derived, plain, ..self.clone() })
    }

    /// Returns the graph with new edge values, computed from the old ones.
    ///
    /// # Errors
    /// When a storage level cannot be assigned, which is a defect.
    pub fn map_edges<F: Data>(
        &self,
        f: impl Fn(&E) -> F + Send + Sync + 'static,
    ) -> Result<Graph<V, F>> {
        let f = Arc::new(f);
        let placement = self.edges.partitioning().cloned();
        let edges = self.edges.narrow("map_edges", placement, move |_, blocks| {
            let f = Arc::clone(&f);
            Ok(Box::new(blocks.map(move |block| {
                let values = block.values.iter().map(|value| f(value)).collect();
                Arc::new(EdgeBlock { grid: Arc::clone(&block.grid), values })
            })))
        });
        Ok(Graph {
            shape: Arc::clone(&self.shape),
            vertices: self.vertices.clone(),
            values: self.values.clone(),
            edges: edges.persist(self.shape.storage_level)?,
            hubs: Arc::clone(&self.hubs),
            reversed: Arc::new(OnceLock::new()),
            derived: Arc::default(),
            plain: self.shared_plain(),
        })
    }

    /// Returns the graph with new vertex values, computed from ids and old values.
    ///
    /// # Errors
    /// When a storage level cannot be assigned, which is a defect.
    pub fn map_vertices<W: Data>(
        &self,
        f: impl Fn(VertexId, &V) -> W + Send + Sync + 'static,
    ) -> Result<Graph<W, E>> {
        let f = Arc::new(f);
        let values = self.vertices.zip_nodes(&self.values, "map_vertices", None, move |b, v| {
            let f = Arc::clone(&f);
            Ok(Box::new(b.zip(v).map(move |(block, values)| {
                let rows = block.ids.iter().zip(values.iter());
                Arc::new(rows.map(|(id, value)| f(*id, value)).collect::<Vec<W>>())
            })))
        });
        self.with_values(values)
    }

    /// Returns the graph with other vertex values: rows of every partition's vertices in id order,
    /// as the states of a run are.
    pub(crate) fn with_rows<W: Data>(&self, rows: &Rdd<(VertexId, W)>) -> Result<Graph<W, E>> {
        self.with_values(rows.narrow("vertex_values", None, |_, rows| {
            Ok(Box::new(std::iter::once(Arc::new(rows.map(|(_, value)| value).collect()))))
        }))
    }

    /// Returns the graph with other vertex values, one block a partition.
    fn with_values<W: Data>(&self, values: Rdd<Arc<Vec<W>>>) -> Result<Graph<W, E>> {
        Ok(Graph {
            shape: Arc::clone(&self.shape),
            vertices: self.vertices.clone(),
            values: values.persist(self.shape.storage_level)?,
            edges: self.edges.clone(),
            hubs: Arc::clone(&self.hubs),
            reversed: Arc::clone(&self.reversed),
            derived: Arc::clone(&self.derived),
            plain: self.shared_plain(),
        })
    }

    /// Where a graph of the same structure and other values finds the one without.
    fn shared_plain(&self) -> Arc<OnceLock<Graph>> {
        match (self as &dyn Any).downcast_ref::<Graph>() {
            Some(plain) => Arc::new(OnceLock::from(plain.clone())),
            None => Arc::clone(&self.plain),
        }
    }

    /// Returns the graph's structure without its values. Only handles are copied; of a graph
    /// without values, it is the graph itself, and of another one the same graph each time.
    ///
    /// # Errors
    /// When a storage level cannot be assigned, which is a defect.
    pub fn structure(&self) -> Result<Graph> {
        if let Some(plain) = (self as &dyn Any).downcast_ref::<Graph>() {
            return Ok(plain.clone());
        }
        if let Some(plain) = self.plain.get() {
            return Ok(plain.clone());
        }
        let plain = self.map_edges(|_| ())?.map_vertices(|_, _| ())?;
        // It must not hold itself.
        let plain = Graph { plain: Arc::default(), ..plain };
        Ok(self.plain.get_or_init(|| plain).clone())
    }

    /// The blocks of the edges turned around, with the hubs among their sources; of an undirected
    /// graph the blocks themselves.
    pub(crate) fn reversed_edges(&self) -> Result<BlocksAndHubs<E>> {
        if self.shape.undirected {
            return Ok((self.edges.clone(), Arc::clone(&self.hubs)));
        }
        if let Some(reversed) = self.reversed.get() {
            return Ok(reversed.clone());
        }
        let layout = self.shape.layout;
        let degrees = self.vertices.map(|block| Arc::new(block.in_degrees.clone()));
        let hubs = Arc::new(Hubs::of_degrees(self.shape.asked_hubs, &layout, &degrees)?);
        let reversed = blocks::reversed_blocks(&self.edges, layout, [&self.hubs, &hubs]);
        let reversed = reversed.persist(self.shape.storage_level)?;
        reversed.count()?;
        reversed.release_shuffles();
        Ok(self.reversed.get_or_init(|| (reversed, hubs)).clone())
    }

    /// The edges, or the edges turned around, with the hubs among their sources.
    pub(crate) fn edges_and_hubs(&self, reversed: bool) -> Result<BlocksAndHubs<E>> {
        if reversed { self.reversed_edges() } else { Ok((self.edges.clone(), self.hubs.clone())) }
    }

    /// True when at least half of the partitions receive most of their edges from themselves. One
    /// partition that has most of the edges, as of hubs, does not make a graph local.
    pub(crate) fn is_mostly_local(&self) -> Result<bool> {
        if let Some(local) = self.shape.mostly_local.get() {
            return Ok(*local);
        }
        let local = self.edges.narrow("edges_within", None, |partition, blocks| {
            Ok(Box::new(blocks.map(move |block| {
                let mut within = 0;
                block.grid.for_each_edge_from(Origin::Partition(partition), |_| within += 1);
                within > 0 && within * 2 >= block.grid.edge_count()
            })))
        });
        let local = local.map(u64::from).fold(0, |a, b| a + b)?;
        let local = local > 0 && local * 2 >= self.partition_count() as u64;
        Ok(*self.shape.mostly_local.get_or_init(|| local))
    }

    /// The dense number of the vertex with the most edges, the first of several; `None` without
    /// vertices.
    pub(crate) fn hub(&self) -> Result<Option<u32>> {
        let most = self.vertices.flat_map_ref("hubs", None, |block: &Arc<VertexBlock>| {
            let degrees = block.out_degrees.iter().zip(&block.in_degrees).zip(block.first..);
            let most = degrees.map(|((leaving, entering), index)| {
                (u64::from(*leaving) + u64::from(*entering), Reverse(index))
            });
            most.max().map(|(degree, Reverse(index))| (degree, index))
        });
        let most = most.fold((0, u32::MAX), |a, b| {
            if (b.0, Reverse(b.1)) > (a.0, Reverse(a.1)) { b } else { a }
        })?;
        Ok((most.1 != u32::MAX).then_some(most.1))
    }
}

impl<V, E> Graph<V, E> {
    /// Returns the number of vertices, isolated ones included.
    #[must_use]
    pub fn vertex_count(&self) -> u64 {
        self.shape.layout.vertex_count() as u64
    }

    /// Returns the number of directed edges kept: of an undirected graph two for each edge, and
    /// one for each self-loop.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.shape.edge_count
    }

    /// Returns the number of directed edges that the policies on self-loops and duplicates left
    /// out.
    #[must_use]
    pub fn dropped_edges(&self) -> u64 {
        self.shape.dropped_edges
    }

    /// Returns the number of partitions.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.shape.layout.partition_count()
    }

    /// True when every edge goes both ways.
    #[must_use]
    pub fn is_undirected(&self) -> bool {
        self.shape.undirected
    }

    /// Returns the dense number of a vertex, its place in id order from 0; `None` for an id that
    /// the graph does not have.
    #[must_use]
    pub fn index_of(&self, id: VertexId) -> Option<u32> {
        self.shape.dictionary.dense(id)
    }

    /// Returns the id of the vertex with a dense number.
    #[must_use]
    pub fn id_at(&self, index: u32) -> Option<VertexId> {
        self.shape.dictionary.id(index)
    }

    /// Returns the number of edges that leave each vertex, in id order.
    pub fn out_degrees(&self) -> Rdd<(VertexId, u32)> {
        self.degrees("out_degrees", |block| &block.out_degrees)
    }

    /// Returns the number of edges that enter each vertex, in id order.
    pub fn in_degrees(&self) -> Rdd<(VertexId, u32)> {
        self.degrees("in_degrees", |block| &block.in_degrees)
    }

    fn degrees(
        &self,
        name: &'static str,
        column: impl Fn(&VertexBlock) -> &Vec<u32> + Send + Sync + Copy + 'static,
    ) -> Rdd<(VertexId, u32)> {
        self.vertices.narrow(name, None, move |_, blocks| {
            Ok(Box::new(blocks.flat_map(move |block| {
                (0..block.len()).map(move |index| (block.ids[index], column(&block)[index]))
            })))
        })
    }

    /// Returns a drawing of the lineage of the edge blocks; see [`Rdd::explain`].
    #[must_use]
    pub fn explain(&self) -> String {
        self.edges.explain()
    }
}
