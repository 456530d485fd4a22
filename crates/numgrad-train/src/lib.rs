//! numgrad-train.
