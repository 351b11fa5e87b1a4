//! Text into located trees. Nothing here knows a rule or a finding; a parse error is a value.

pub mod node;
pub mod yaml;
