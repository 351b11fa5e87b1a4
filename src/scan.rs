//! Inputs through engines to an ordered report. The only file that knows threads.

use crate::coverage::Coverage;
use crate::finding::Finding;

/// What a scan established, before the gate judges it.
#[derive(Clone, Debug, Default)]
pub struct ScanReport {
    /// Findings in report order ([`Finding::order`]), suppressed ones included.
    pub findings: Vec<Finding>,
    /// What was examined and what was not.
    pub coverage: Coverage,
}
