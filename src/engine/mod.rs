//! Engines: located text and compiled rules in, findings out. They read no file, clock, environment or network.

pub mod secrets;
