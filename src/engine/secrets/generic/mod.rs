//! stub
use crate::rating::Confidence;
use crate::span::Span;
/// stub
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {}
impl Kind {
    /// stub
    pub const ALL: &'static [Kind] = &[];
    /// stub
    pub fn name(self) -> &'static str {
        ""
    }
}
/// stub
pub const KEYWORDS: &[&str] = &[];
/// stub
pub struct Candidate {
    /// s
    pub kind: Kind,
    /// s
    pub span: Span,
    /// s
    pub confidence: Confidence,
    /// s
    pub reasons: Vec<String>,
}
/// stub
pub fn scan(_path: &str, _text: &str, _hits: &[usize]) -> Vec<Candidate> {
    Vec::new()
}
