//! Whole configurations, evaluated.
