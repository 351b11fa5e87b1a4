//! Templates as people write them.
