//! numgrad-diff.
