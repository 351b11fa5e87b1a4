//! Pipelines into their views.
