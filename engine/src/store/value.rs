//! Building and reading the database's values.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use surrealdb::types::{
    Array, Number, Object, RecordId, RecordIdKey, SerdeWrapper, SurrealValue, Value,
};

use super::StoreError;

/// Sorts after every text the engine uses in a key.
pub(super) const LAST_TEXT: &str = "\u{10FFFF}";

/// A whole number as the database keeps it.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time as the database keeps it: milliseconds since 1970, UTC.
pub(super) fn millis(time: DateTime<Utc>) -> Value {
    time.timestamp_millis().into_value()
}

/// A text value.
pub(super) fn text(text: impl AsRef<str>) -> Value {
    Value::String(text.as_ref().to_owned())
}

/// Anything serde knows, as a value.
pub(super) fn serde_value<T: Serialize + DeserializeOwned + 'static>(thing: T) -> Value {
    SerdeWrapper(thing).into_value()
}

/// A record id whose key is a list.
pub(super) fn record(table: &'static str, key: impl IntoIterator<Item = Value>) -> RecordId {
    RecordId::new(table, RecordIdKey::Array(Array::from(key.into_iter().collect::<Vec<_>>())))
}

/// A record id whose key is a text.
pub(super) fn named(table: &'static str, key: &str) -> RecordId {
    RecordId::new(table, RecordIdKey::String(key.to_owned()))
}

/// A row under construction; absent options leave no field.
pub(super) struct NewRow(Object);

impl NewRow {
    pub(super) fn new() -> Self {
        Self(Object::new())
    }

    pub(super) fn with(mut self, field: &'static str, value: impl SurrealValue) -> Self {
        self.0.insert(field, value);
        self
    }

    pub(super) fn maybe(self, field: &'static str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.with(field, value),
            None => self,
        }
    }

    pub(super) fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A stored row that is taken apart field by field.
pub(super) struct Row {
    fields: Object,
    what: &'static str,
}

impl Row {
    /// `what` names the row in errors, such as `event`.
    pub(super) fn new(value: Value, what: &'static str) -> Result<Self, StoreError> {
        match value {
            Value::Object(fields) => Ok(Self { fields, what }),
            other => Err(corrupt(what, "row", &other)),
        }
    }

    /// The field, or `Value::None`.
    pub(super) fn take(&mut self, field: &str) -> Value {
        self.fields.remove(field).unwrap_or_default()
    }

    pub(super) fn text(&mut self, field: &str) -> Result<String, StoreError> {
        let value = self.take(field);
        as_text(value).map_err(|value| corrupt(self.what, field, &value))
    }

    pub(super) fn maybe_text(&mut self, field: &str) -> Result<Option<String>, StoreError> {
        match self.take(field) {
            Value::None | Value::Null => Ok(None),
            value => as_text(value).map(Some).map_err(|value| corrupt(self.what, field, &value)),
        }
    }

    pub(super) fn int(&mut self, field: &str) -> Result<i64, StoreError> {
        let value = self.take(field);
        as_int(&value).ok_or_else(|| corrupt(self.what, field, &value))
    }

    pub(super) fn maybe_int(&mut self, field: &str) -> Result<Option<i64>, StoreError> {
        match self.take(field) {
            Value::None | Value::Null => Ok(None),
            value => as_int(&value).map(Some).ok_or_else(|| corrupt(self.what, field, &value)),
        }
    }

    pub(super) fn count(&mut self, field: &str) -> Result<u64, StoreError> {
        let number = self.int(field)?;
        u64::try_from(number).map_err(|_| corrupt(self.what, field, &number.into_value()))
    }

    pub(super) fn time(&mut self, field: &str) -> Result<DateTime<Utc>, StoreError> {
        let number = self.int(field)?;
        DateTime::from_timestamp_millis(number)
            .ok_or_else(|| corrupt(self.what, field, &number.into_value()))
    }

    pub(super) fn maybe_time(&mut self, field: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(number) = self.maybe_int(field)? else { return Ok(None) };
        DateTime::from_timestamp_millis(number)
            .map(Some)
            .ok_or_else(|| corrupt(self.what, field, &number.into_value()))
    }

    /// A field that was written with `serde_value`.
    pub(super) fn serde<T>(&mut self, field: &str) -> Result<T, StoreError>
    where
        T: Serialize + DeserializeOwned + 'static,
    {
        from_serde(self.take(field), self.what, field)
    }

    /// The same, where the field may be absent.
    pub(super) fn maybe_serde<T>(&mut self, field: &str) -> Result<Option<T>, StoreError>
    where
        T: Serialize + DeserializeOwned + 'static,
    {
        match self.take(field) {
            Value::None | Value::Null => Ok(None),
            value => from_serde(value, self.what, field).map(Some),
        }
    }

    pub(super) fn list(&mut self, field: &str) -> Result<Vec<Value>, StoreError> {
        match self.take(field) {
            Value::None | Value::Null => Ok(Vec::new()),
            Value::Array(array) => Ok(array.into_vec()),
            other => Err(corrupt(self.what, field, &other)),
        }
    }

    pub(super) fn bytes(&mut self, field: &str) -> Result<Vec<u8>, StoreError> {
        match self.take(field) {
            Value::Bytes(bytes) => Ok(bytes.into_inner().to_vec()),
            other => Err(corrupt(self.what, field, &other)),
        }
    }

    /// The key of the row's id, which must be a list of `N` parts.
    pub(super) fn key<const N: usize>(&mut self) -> Result<[Value; N], StoreError> {
        match self.take("id") {
            Value::RecordId(RecordId { key: RecordIdKey::Array(array), .. }) => array
                .into_vec()
                .try_into()
                .map_err(|parts: Vec<Value>| corrupt(self.what, "id", &Value::Array(parts.into()))),
            other => Err(corrupt(self.what, "id", &other)),
        }
    }

    /// The same, of however many parts.
    pub(super) fn list_key(&mut self) -> Result<Vec<Value>, StoreError> {
        match self.take("id") {
            Value::RecordId(RecordId { key: RecordIdKey::Array(array), .. }) => {
                Ok(array.into_vec())
            }
            other => Err(corrupt(self.what, "id", &other)),
        }
    }

    /// The first part of the key of the row's id, which must be a text.
    pub(super) fn first_text(&mut self) -> Result<String, StoreError> {
        match self.list_key()?.into_iter().next().map(as_text) {
            Some(Ok(text)) => Ok(text),
            _ => Err(corrupt(self.what, "id", &Value::None)),
        }
    }

    /// The key of the row's id, which must be a text.
    pub(super) fn name(&mut self) -> Result<String, StoreError> {
        match self.take("id") {
            Value::RecordId(RecordId { key: RecordIdKey::String(name), .. }) => Ok(name),
            other => Err(corrupt(self.what, "id", &other)),
        }
    }

    /// An error about this row.
    pub(super) fn corrupt(&self, field: &str, value: &Value) -> StoreError {
        corrupt(self.what, field, value)
    }
}

pub(super) fn as_text(value: Value) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(other),
    }
}

pub(super) fn as_int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => Number::to_int(number),
        _ => None,
    }
}

/// Reads a row that was written whole with `serde_value`; its id is left aside.
pub(super) fn whole<T>(value: Value, what: &'static str) -> Result<T, StoreError>
where
    T: Serialize + DeserializeOwned + 'static,
{
    let mut row = Row::new(value, what)?;
    row.take("id");
    from_serde(Value::Object(row.fields), what, "row")
}

fn from_serde<T>(value: Value, what: &str, field: &str) -> Result<T, StoreError>
where
    T: Serialize + DeserializeOwned + 'static,
{
    SerdeWrapper::<T>::from_value(value).map(|wrapped| wrapped.0).map_err(|error| {
        StoreError::Corrupt { what: format!("{what}.{field}: {}", error.message()) }
    })
}

// Names the value's kind, not the value: it may be what somebody wrote in private.
fn corrupt(what: &str, field: &str, value: &Value) -> StoreError {
    StoreError::Corrupt { what: format!("{what}.{field} is an unexpected {:?}", value.kind()) }
}
