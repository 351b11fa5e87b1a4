//! Paths into a resource: `a.b`, `list[*].x`, `map.*`, `map.~`, `list[0]`, `"quoted.key"`, `$scope.x`, alternatives `a|b`.

use serde::{Deserialize, Serialize};

/// Most segments of a path, all alternatives together.
const MAX_SEGMENTS: usize = 64;

/// Ways to a value; the first that leads to one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// At least one.
    pub alternatives: Vec<Alternative>,
}

/// One way to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// Where it begins: a scope of the resource (`$pod`); `None` for the resource or the item in hand.
    pub scope: Option<String>,
    /// The steps; none (written `.`) for the value in hand itself.
    pub segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Segment {
    /// Into the entry of a mapping. On a list it goes into that entry of every item: repeated blocks read like single ones.
    Key(String),
    /// Into every item of a list (`[*]`); a value that is no list is its own only item.
    Items,
    /// Into one item of a list, from 0, or from the end where it is negative.
    Item(i32),
    /// Into the value of every entry of a mapping (`*`).
    Values,
    /// Into every key of a mapping (`~`).
    Keys,
    /// Into every value at any depth, this one included (`**`).
    Deep,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, segments: 0 };
        let mut alternatives = vec![parser.alternative()?];
        while parser.take("|") {
            alternatives.push(parser.alternative()?);
        }
        if parser.rest.is_empty() { Ok(Self { alternatives }) } else { Err(parser.unexpected()) }
    }
}

/// The path as a rule would write it.
impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, alternative) in self.alternatives.iter().enumerate() {
            if index > 0 {
                f.write_str("|")?;
            }
            let mut is_first = true;
            if let Some(scope) = &alternative.scope {
                write!(f, "${scope}")?;
                is_first = false;
            }
            for segment in &alternative.segments {
                match segment {
                    Segment::Items => f.write_str("[*]")?,
                    Segment::Item(index) => write!(f, "[{index}]")?,
                    named => {
                        if !is_first {
                            f.write_str(".")?;
                        }
                        match named {
                            Segment::Key(key) if is_bare(key) => f.write_str(key)?,
                            Segment::Key(key) => write!(f, "\"{key}\"")?,
                            Segment::Values => f.write_str("*")?,
                            Segment::Keys => f.write_str("~")?,
                            _ => f.write_str("**")?,
                        }
                    }
                }
                is_first = false;
            }
            if is_first {
                f.write_str(".")?;
            }
        }
        Ok(())
    }
}

/// Whether a key needs no quotes in a path.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(is_key_byte)
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'/' | b'@')
}

struct Parser<'a> {
    rest: &'a str,
    segments: usize,
}

impl Parser<'_> {
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn unexpected(&self) -> String {
        match self.rest.chars().next() {
            Some(c) => format!(
                "a path has no `{c}` there; keys are joined by `.`, lists take `[*]`, other keys stand in double quotes"
            ),
            None => "the path ends too early".to_owned(),
        }
    }

    fn alternative(&mut self) -> Result<Alternative, String> {
        let mut alternative = Alternative { scope: None, segments: Vec::new() };
        if self.take("$") {
            alternative.scope = Some(self.bare()?);
        } else if self.take(".") {
            return Ok(alternative);
        } else if !self.rest.starts_with('[') {
            alternative.segments.push(self.key()?);
        }
        loop {
            if self.take("[*]") {
                alternative.segments.push(Segment::Items);
            } else if self.take("[") {
                let end = self.rest.find(']').ok_or("`[` is not closed in the path")?;
                let index = self.rest[..end].parse().map_err(|_| "between `[` and `]` stands `*` or a number")?;
                self.rest = &self.rest[end + 1..];
                alternative.segments.push(Segment::Item(index));
            } else if self.take(".") {
                alternative.segments.push(self.key()?);
            } else {
                return Ok(alternative);
            }
            self.segments += 1;
            if self.segments > MAX_SEGMENTS {
                return Err(format!("the path has more than {MAX_SEGMENTS} steps"));
            }
        }
    }

    fn key(&mut self) -> Result<Segment, String> {
        if self.take("**") {
            return Ok(Segment::Deep);
        }
        if self.take("*") {
            return Ok(Segment::Values);
        }
        if self.take("~") {
            return Ok(Segment::Keys);
        }
        if self.take("\"") {
            let end = self.rest.find('"').ok_or("the quotes are not closed in the path")?;
            let key = self.rest[..end].to_owned();
            self.rest = &self.rest[end + 1..];
            return Ok(Segment::Key(key));
        }
        self.bare().map(Segment::Key)
    }

    fn bare(&mut self) -> Result<String, String> {
        let end = self.rest.bytes().position(|byte| !is_key_byte(byte)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.unexpected());
        }
        let (key, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_it_was_written() {
        for text in [
            ".",
            "acl",
            "a.b.c",
            "list[*].x",
            "list[0].x[-1]",
            "metadata.annotations.\"nginx.ingress.kubernetes.io/x\"",
            "a.x|$pod.x|$resource",
            "labels.*",
            "labels.~",
            "a.**",
            "[*].x",
        ] {
            assert_eq!(Path::parse(text).map(|path| path.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_no_path_is_an_error() {
        for text in ["", "a..b", "a.", "a[", "a[x]", "a b", "\"a", "a|", "$", "a]"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
        assert!(Path::parse(&"a.".repeat(100)).is_err());
    }
}
