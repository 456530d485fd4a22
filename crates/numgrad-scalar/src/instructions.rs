//! Which of the CPU's vector instructions the kernels use.
use pulp::Arch;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A set of vector instructions. The bits of a result do not depend on it, only the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Instructions {
    /// What every CPU of its architecture has.
    Portable,
    /// AVX2 with fused multiply-add, on x86-64.
    Avx2,
    /// AVX-512, on x86-64.
    Avx512,
    /// The widest that the CPU has, on any architecture.
    Widest,
}

static IN_USE: OnceLock<Arch> = OnceLock::new();

/// The instructions in use: those of [`use_instructions`], else the widest.
#[inline]
pub(crate) fn in_use() -> Arch {
    *IN_USE.get_or_init(Arch::new)
}

/// Uses these instructions from now on, for tests and measurements. `false` if the CPU does not
/// have them, or others are in use already.
pub fn use_instructions(instructions: Instructions) -> bool {
    arch_of(instructions).is_some_and(|arch| IN_USE.set(arch).is_ok())
}

#[cfg(target_arch = "x86_64")]
fn arch_of(instructions: Instructions) -> Option<Arch> {
    match instructions {
        Instructions::Portable => Some(Arch::Scalar),
        Instructions::Avx2 => pulp::x86::V3::try_new().map(Arch::V3),
        Instructions::Avx512 => pulp::x86::V4::try_new().map(Arch::V4),
        Instructions::Widest => Some(Arch::new()),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn arch_of(instructions: Instructions) -> Option<Arch> {
    match instructions {
        Instructions::Portable => Some(Arch::Scalar),
        Instructions::Avx2 | Instructions::Avx512 => None,
        Instructions::Widest => Some(Arch::new()),
    }
}

impl Instructions {
    /// Every set.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Widest];

    fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Widest => "widest",
        }
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Instructions {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|set| set.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown instructions '{name}': one of {names}")
        })
    }
}
