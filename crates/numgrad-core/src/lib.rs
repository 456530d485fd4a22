//! numgrad-core.
