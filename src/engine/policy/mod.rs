//! Policy rules over resources.

#[cfg_attr(not(test), expect(dead_code, reason = "compiled rules, which hold the operators, are not there yet"))]
mod operators;
pub mod truth;
