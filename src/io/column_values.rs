//! The values of columns by their types: ids, weights, and either by dictionary.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::graph::VertexId;

/// The values of a column, or the first row that has none and what it has.
pub(super) type Values<T> = Result<Vec<T>, (usize, String)>;

/// Reads a column without nulls with what reads a plain one, plain or by dictionary.
pub(super) fn values_of<T: Clone>(array: &ArrayRef, read: fn(&ArrayRef) -> Values<T>) -> Values<T> {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return read(array) };
    let values = dictionary.values();
    if array.is_empty() || values.is_empty() {
        return Ok(Vec::new());
    }
    // A value that no row has may be anything.
    let null = || "null".to_owned();
    let each = (0..values.len()).map(|place| {
        if values.is_null(place) {
            return Err(null());
        }
        let value = read(&values.slice(place, 1)).map_err(|(_, found)| found)?;
        value.into_iter().next().ok_or_else(null)
    });
    let each: Vec<Result<T, String>> = each.collect();
    let keys = dictionary.normalized_keys().into_iter().enumerate();
    let rows = keys.map(|(row, key)| match each.get(key) {
        Some(Ok(value)) => Ok(value.clone()),
        Some(Err(found)) => Err((row, found.clone())),
        None => Err((row, null())),
    });
    rows.collect()
}

/// Reads a column of ids without nulls.
pub(super) fn ids_in(array: &ArrayRef) -> Values<VertexId> {
    macro_rules! ids {
        ([$($data:ident => $type:ty),+], [$($signed:ident => $signed_type:ty),+]) => {
            match array.data_type() {
                DataType::UInt64 => Ok(array.as_primitive::<UInt64Type>().values().to_vec()),
                $(DataType::$data => {
                    let values = array.as_primitive::<$type>().values();
                    Ok(values.iter().map(|value| u64::from(*value)).collect())
                })+
                $(DataType::$signed => {
                    let values = array.as_primitive::<$signed_type>().values();
                    let ids = values.iter().enumerate().map(|(row, value)| {
                        u64::try_from(*value).map_err(|_| (row, value.to_string()))
                    });
                    ids.collect()
                })+
                other => Err((0, other.to_string())),
            }
        };
    }
    ids!(
        [UInt8 => UInt8Type, UInt16 => UInt16Type, UInt32 => UInt32Type],
        [Int8 => Int8Type, Int16 => Int16Type, Int32 => Int32Type, Int64 => Int64Type]
    )
}

/// Reads a column of weights without nulls.
pub(super) fn weights_in(array: &ArrayRef) -> Values<f64> {
    macro_rules! weights {
        ($($data:ident => $type:ty),+) => {
            match array.data_type() {
                DataType::Float64 => Ok(array.as_primitive::<Float64Type>().values().to_vec()),
                $(DataType::$data => {
                    let values = array.as_primitive::<$type>().values();
                    Ok(values.iter().map(|value| *value as f64).collect())
                })+
                other => Err((0, other.to_string())),
            }
        };
    }
    weights!(
        Float32 => Float32Type, UInt8 => UInt8Type, UInt16 => UInt16Type,
        UInt32 => UInt32Type, UInt64 => UInt64Type, Int8 => Int8Type,
        Int16 => Int16Type, Int32 => Int32Type, Int64 => Int64Type
    )
}

/// True for names.
pub(super) fn is_text(data: &DataType) -> bool {
    match data {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// True for what ends of edges may be.
pub(super) fn is_whole(data: &DataType) -> bool {
    is_text(data) || value_type(data).is_integer()
}

/// True for what weights may be.
pub(super) fn is_number(data: &DataType) -> bool {
    let data = value_type(data);
    data.is_integer() || matches!(data, DataType::Float32 | DataType::Float64)
}

/// The type of a column's values, which may stand in a dictionary.
fn value_type(data: &DataType) -> &DataType {
    if let DataType::Dictionary(_, values) = data { values } else { data }
}
