//! One partition's rows, with their type erased: one downcast a block, none a row.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::codec;
use crate::data::Data;
use crate::error::{Error, Result};

/// Rows whose type is known to whoever made them and to whoever asks for them back.
trait ErasedRows: Any + Send + Sync {
    fn encode(&self) -> Result<Vec<u8>>;
}

impl<T: Data> ErasedRows for Vec<T> {
    fn encode(&self) -> Result<Vec<u8>> {
        codec::encode(self)
    }
}

/// The rows of one partition or of one shuffle output: shared, immutable, cheap to clone.
#[derive(Clone)]
pub(crate) struct Block(Form);

#[derive(Clone)]
enum Form {
    Rows(Arc<dyn ErasedRows>),
    Encoded(Arc<[u8]>),
}

impl Block {
    /// Wraps rows as they are.
    pub(crate) fn from_rows<T: Data>(rows: Vec<T>) -> Self {
        Self::from_shared(Arc::new(rows))
    }

    /// Wraps rows that someone else reads too.
    pub(crate) fn from_shared<T: Data>(rows: Arc<Vec<T>>) -> Self {
        Self(Form::Rows(rows))
    }

    /// Wraps one frame of the codec.
    pub(crate) fn from_frame(frame: Vec<u8>) -> Self {
        Self(Form::Encoded(frame.into()))
    }

    /// Returns the rows, decoding them if the block holds bytes.
    pub(crate) fn rows<T: Data>(&self) -> Result<Arc<Vec<T>>> {
        match &self.0 {
            Form::Rows(rows) => {
                let any: Arc<dyn Any + Send + Sync> = Arc::clone(rows) as _;
                any.downcast().map_err(|_| {
                    Error::internal(format!(
                        "a block of other rows than {}",
                        std::any::type_name::<T>()
                    ))
                })
            }
            Form::Encoded(frame) => codec::decode(frame).map(Arc::new),
        }
    }

    /// Returns the block as bytes.
    pub(crate) fn encoded(&self) -> Result<Self> {
        match &self.0 {
            Form::Rows(rows) => Ok(Self(Form::Encoded(rows.encode()?.into()))),
            Form::Encoded(_) => Ok(self.clone()),
        }
    }

    /// Returns the bytes of an encoded block.
    pub(crate) fn frame(&self) -> Result<Arc<[u8]>> {
        match &self.encoded()?.0 {
            Form::Encoded(frame) => Ok(Arc::clone(frame)),
            Form::Rows(_) => Err(Error::internal("an encoded block without bytes")),
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Rows(_) => f.write_str("Block(rows)"),
            Form::Encoded(frame) => write!(f, "Block({} bytes)", frame.len()),
        }
    }
}
