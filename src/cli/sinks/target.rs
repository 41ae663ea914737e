//! Where a result goes, in which form: an output, or a directory of one file a partition.

use std::path::Path;

use superstep::algorithms::{Shape, Table};
use superstep::{Error, Result};

use super::super::compression::Compression;
use super::super::destination::STDOUT;
use super::super::folder::Folder;
use super::super::output::Output;
use super::super::rows;
use super::{Columns, Sink, form_of};

/// A place for a result.
pub(in super::super) struct Target {
    sink: &'static dyn Sink,
    compression: Option<Compression>,
    place: Place,
}

enum Place {
    One(Box<Output>),
    Parts(Folder),
}

impl Target {
    /// Opens what a path names, or standard output without one, for a form that is asked for or
    /// else that of the path's extension.
    pub(in super::super) fn open(path: Option<&Path>, asked: Option<&str>) -> Result<Self> {
        let path = path.filter(|path| *path != Path::new(STDOUT));
        let (sink, compression) = form_of(path, asked)?;
        Self::of(sink, path, compression)
    }

    /// Opens what a path names, for a form.
    pub(in super::super) fn of(
        sink: &'static dyn Sink,
        path: Option<&Path>,
        compression: Option<Compression>,
    ) -> Result<Self> {
        let place = match path {
            Some(path) if Folder::is_meant(path) => Place::Parts(Folder::open(path)?),
            path => Place::One(Box::new(Output::open(path, compression)?)),
        };
        let target = Self { sink, compression, place };
        if target.is_terminal() && !sink.is_text() {
            let name = sink.name();
            return Err(Error::argument(format!(
                "a result as {name} is nothing for a terminal; -o FILE writes it to a file"
            )));
        }
        Ok(target)
    }

    /// Fails for a result of a shape that cannot be written here.
    pub(in super::super) fn check(&self, shape: &Shape, top: bool) -> Result<()> {
        let columns = Columns::of_shape(shape);
        if top && shape.columns.len() <= shape.keys {
            return Err(rows::unranked());
        }
        self.sink.check(&columns)
    }

    /// True when the result appears where progress would be drawn.
    pub(in super::super) fn is_terminal(&self) -> bool {
        matches!(&self.place, Place::One(out) if out.is_terminal())
    }

    /// Writes a result in its order, or the `top` rows with the largest values.
    pub(in super::super) fn write(
        self,
        table: &Table,
        header: bool,
        top: Option<usize>,
    ) -> Result<()> {
        let columns = Columns::of(table, header, top);
        self.sink.check(&columns)?;
        let pieces = rows::pieces(table, &columns, self.sink, top)?;
        match self.place {
            Place::One(mut out) => {
                assemble(self.sink, &columns, pieces, &mut out)?;
                out.finish()
            }
            Place::Parts(mut folder) => {
                let mut extension = self.sink.extensions().first().unwrap_or(&"txt").to_string();
                if let Some(compression) = self.compression {
                    extension = format!("{extension}.{}", compression.extension());
                }
                for piece in pieces {
                    let mut out = Output::new(folder.part(&extension)?, self.compression);
                    assemble(self.sink, &columns, [piece], &mut out)?;
                    out.finish()?;
                }
                folder.finish()
            }
        }
    }
}

/// Writes pieces as one output.
fn assemble(
    sink: &dyn Sink,
    columns: &Columns,
    pieces: impl IntoIterator<Item = Result<Vec<u8>>>,
    out: &mut Output,
) -> Result<()> {
    let put = |out: &mut Output| {
        let mut assembler = sink.assembler(columns, out)?;
        for piece in pieces {
            assembler.put(piece?)?;
        }
        assembler.finish()
    };
    // Libraries hand errors of writing back in words of their own.
    put(out).map_err(|error| out.behind(error))
}
