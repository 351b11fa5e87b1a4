//! Parts of rules that are decoded when they are asked for.
//!
//! A scan looks at few of the things that thousands of built-in rules say. What a rule says of itself and what it demands
//! stays as the build wrote it until a finding or a resource needs it.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

/// A part of a rule: a value, or bytes of the compiled packs that become one at the first look.
pub struct Packed<T> {
    /// `None` for a part that was never packed, as in a pack that the user wrote.
    bytes: Option<&'static [u8]>,
    value: OnceLock<Box<T>>,
}

impl<T> Packed<T> {
    /// The part that the build wrote as `bytes`.
    pub(super) fn from_bytes(bytes: &'static [u8]) -> Self {
        Self { bytes: Some(bytes), value: OnceLock::new() }
    }

    /// Whether it comes from the compiled packs, and so was there when the program was built and tested.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.bytes.is_some()
    }
}

impl<T> From<T> for Packed<T> {
    fn from(value: T) -> Self {
        Self { bytes: None, value: OnceLock::from(Box::new(value)) }
    }
}

impl<T: DeserializeOwned> Deref for Packed<T> {
    type Target = T;

    /// # Panics
    ///
    /// Never in a program whose tests ran: the bytes are written by the build of this very program from the same types.
    #[allow(
        clippy::expect_used,
        reason = "there is no input that could make it fail, and a test reads all of the bytes"
    )]
    fn deref(&self) -> &T {
        self.value.get_or_init(|| {
            let bytes = self.bytes.unwrap_or_default();
            Box::new(postcard::from_bytes(bytes).expect("the built-in packs match their schema"))
        })
    }
}

/// As what is in it.
impl<T: Serialize + DeserializeOwned> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<T: Clone> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes, value: self.value.clone() }
    }
}

impl<T: fmt::Debug + DeserializeOwned> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Parts are equal when what is in them is, wherever it came from.
impl<T: PartialEq + DeserializeOwned> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
