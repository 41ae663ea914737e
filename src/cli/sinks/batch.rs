//! Rows as columns of Arrow.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use superstep::algorithms::{Cell, Kind};

use super::Columns;

/// Returns the types of the columns: ids and whole numbers are `UInt64`, numbers `Float64`, lists
/// of ids lists, words `Utf8`. What a row is about is never null.
pub(super) fn schema(columns: &Columns) -> SchemaRef {
    let fields = columns.names.iter().zip(&columns.kinds).enumerate();
    let fields = fields.map(|(place, (name, kind))| {
        let data = match kind {
            Kind::Float => DataType::Float64,
            Kind::Ids => DataType::List(Arc::new(Field::new_list_field(DataType::UInt64, true))),
            Kind::Text => DataType::Utf8,
            // Ids and other whole numbers.
            _ => DataType::UInt64,
        };
        Field::new(name, data, place >= columns.keys)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The cells of some rows, column by column.
pub(super) struct Batch {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
}

enum Column {
    Integer(UInt64Builder),
    Float(Float64Builder),
    Ids(ListBuilder<UInt64Builder>),
    Text(StringBuilder),
}

impl Batch {
    /// Begins without rows.
    pub(super) fn new(columns: &Columns) -> Self {
        let columns_of = columns.kinds.iter().map(|kind| match kind {
            Kind::Float => Column::Float(Float64Builder::new()),
            Kind::Ids => Column::Ids(ListBuilder::new(UInt64Builder::new())),
            Kind::Text => Column::Text(StringBuilder::new()),
            _ => Column::Integer(UInt64Builder::new()),
        });
        Self { schema: schema(columns), columns: columns_of.collect(), rows: 0 }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &[Cell]) {
        let cells = row.iter().chain(std::iter::repeat(&Cell::Missing));
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
    }

    /// True without rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the rows.
    pub(super) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Column::finish);
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())
    }
}

impl Column {
    fn push(&mut self, cell: &Cell) {
        match (self, cell) {
            (Self::Integer(column), Cell::Integer(value)) => column.append_value(*value),
            (Self::Integer(column), _) => column.append_null(),
            (Self::Float(column), Cell::Float(value)) => column.append_value(*value),
            // As figures of both kinds are in one column.
            (Self::Float(column), Cell::Integer(value)) => column.append_value(*value as f64),
            (Self::Float(column), _) => column.append_null(),
            (Self::Ids(column), Cell::Ids(ids)) => {
                column.values().append_slice(ids);
                column.append(true);
            }
            (Self::Ids(column), _) => column.append(false),
            (Self::Text(column), Cell::Text(word)) => column.append_value(word),
            (Self::Text(column), Cell::Missing) => column.append_null(),
            (Self::Text(column), cell) => column.append_value(super::shown(cell)),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Integer(column) => Arc::new(column.finish()),
            Self::Float(column) => Arc::new(column.finish()),
            Self::Ids(column) => Arc::new(column.finish()),
            Self::Text(column) => Arc::new(column.finish()),
        }
    }
}
