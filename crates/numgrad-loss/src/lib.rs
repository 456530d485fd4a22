//! numgrad-loss.
