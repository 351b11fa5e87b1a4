//! Pipelines of GitLab into their views.
