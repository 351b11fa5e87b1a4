//! Parts of JSON that are read within bounds: a report is written by somebody else, and may be made to exhaust memory.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Most entries of a property bag that are kept.
const MAX_PROPERTIES: usize = 64;
/// Most texts of a list in a property bag that are kept.
const MAX_TEXTS: usize = 64;
/// Most bytes of a text in a property bag.
const MAX_TEXT: usize = 4096;

/// The first `MAX` items of a list, and how many there are beyond. `null` is a list that is not there.
#[derive(Clone, Debug)]
pub(super) struct Capped<T, const MAX: usize> {
    pub(super) items: Vec<T>,
    pub(super) dropped: usize,
}

impl<T, const MAX: usize> Default for Capped<T, MAX> {
    fn default() -> Self {
        Self { items: Vec::new(), dropped: 0 }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Capped<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T, const MAX: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for List<T, MAX> {
            type Value = Capped<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Capped::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut capped = Capped::default();
                while capped.items.len() < MAX {
                    match list.next_element()? {
                        Some(item) => capped.items.push(item),
                        None => return Ok(capped),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    capped.dropped += 1;
                }
                Ok(capped)
            }
        }

        deserializer.deserialize_any(List(PhantomData))
    }
}

/// What a property bag says in words, numbers and lists of words; anything deeper is passed over.
#[derive(Clone, Debug, Default)]
pub(super) struct Bag(BTreeMap<String, Value>);

/// A value of a [`Bag`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Texts(Vec<String>),
    /// `null`, a list or an object that holds something else.
    Other,
}

impl Bag {
    /// The text at `key`.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number at `key`, be it written as a number or as a text.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.0.get(key)? {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The texts in the list at `key`.
    pub(super) fn texts(&self, key: &str) -> &[String] {
        match self.0.get(key) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// The texts whose key ends in `suffix`, whatever its case, in the order of keys.
    pub(super) fn texts_of_keys_ending(&self, suffix: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(move |(key, value)| match value {
            Value::Text(text) if key.to_ascii_lowercase().ends_with(suffix) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The keys and texts, in the order of keys.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| match value {
            Value::Text(text) => Some((key.as_str(), text.as_str())),
            _ => None,
        })
    }
}

impl<'de> Deserialize<'de> for Bag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Bag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Bag, E> {
                Ok(Bag::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bag, A::Error> {
                let mut bag = Bag::default();
                while let Some(key) = map.next_key::<String>()? {
                    let value = map.next_value::<Value>()?;
                    if bag.0.len() < MAX_PROPERTIES && key.len() <= MAX_TEXT && value != Value::Other {
                        bag.0.insert(key, value);
                    }
                }
                Ok(bag)
            }
        }

        deserializer.deserialize_any(Entries)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                let end = text.floor_char_boundary(MAX_TEXT);
                Ok(Value::Text(text.get(..end).unwrap_or_default().to_owned()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }

            #[allow(clippy::cast_precision_loss, reason = "scores are small")]
            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }

            #[allow(clippy::cast_precision_loss, reason = "scores are small")]
            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number as f64))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Text(value.to_string()))
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(value) = list.next_element::<Value>()? {
                    if let Value::Text(text) = value
                        && texts.len() < MAX_TEXTS
                    {
                        texts.push(text);
                    }
                }
                Ok(Value::Texts(texts))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_and_what_is_beyond_is_counted() {
        let list: Capped<u32, 3> = serde_json::from_str("[1,2,3,4,5]").unwrap();
        assert_eq!((list.items, list.dropped), (vec![1, 2, 3], 2));
        let none: Capped<u32, 3> = serde_json::from_str("null").unwrap();
        assert_eq!((none.items.len(), none.dropped), (0, 0));
        assert!(serde_json::from_str::<Capped<u32, 3>>("5").is_err());
    }

    #[test]
    fn a_bag_keeps_words_and_numbers() {
        let bag: Bag = serde_json::from_str(
            r#"{"security-severity": "7.5", "rank": 3, "tags": ["a", 1, "b"], "deep": {"x": [1]}, "zizmor/Severity": "High"}"#,
        )
        .unwrap();
        assert_eq!((bag.number("security-severity"), bag.number("rank")), (Some(7.5), Some(3.0)));
        assert_eq!(bag.texts("tags"), ["a", "b"]);
        assert_eq!(bag.texts_of_keys_ending("severity").collect::<Vec<_>>(), ["7.5", "High"]);
        assert_eq!(bag.text("deep"), None);
    }
}
