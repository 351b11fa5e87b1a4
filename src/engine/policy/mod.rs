//! Policy rules over resources.

pub mod truth;
