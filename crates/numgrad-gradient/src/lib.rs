//! numgrad-gradient.
