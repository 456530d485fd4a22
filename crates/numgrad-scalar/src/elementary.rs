//! What the elementary functions need to know of a precision: its constants and its bits.
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A precision with the constants of this crate's approximations.
///
/// Every method is one or two instructions, without a branch, so that a loop over a slice becomes
/// vector instructions.
pub trait Elementary:
    Copy
    + 'static
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// ½.
    const HALF: Self;
    /// ∞.
    const INFINITY: Self;
    /// What is no number.
    const NAN: Self;
    /// log₂ e.
    const LOG2_E: Self;
    /// The leading bits of ln 2: a multiple of it by an exponent is exact.
    const LN2_HIGH: Self;
    /// ln 2 − [`Self::LN2_HIGH`].
    const LN2_LOW: Self;
    /// 1.5·2^(digits − 1): adding it rounds to an integer that is then in the lowest bits.
    const ROUNDER: Self;
    /// Past this, exp overflows.
    const LARGEST_EXP: Self;
    /// Below this, exp is 0.
    const SMALLEST_EXP: Self;
    /// 1/2!, 1/3!, …: as many as |r| ≤ ln 2 / 2 needs.
    const INVERSE_FACTORIALS: &'static [Self];
    /// ½, ⅓, ¼ and ⅕.
    const INVERSES: [Self; 4];
    /// 2/3, 2/5, 2/7, …: the series of 2·artanh s / s − 2, as far as |s| ≤ 0.1716 needs.
    const ARTANH: &'static [Self];
    /// 1 / √(2π).
    const INVERSE_SQRT_TAU: Self;
    /// A polynomial in (x − 4) / (x + 4) that is (1 + x)·Q(x) / φ(x) for 0 ≤ x ≤ 40, with the
    /// normal distribution's upper tail Q and density φ: within 2e-16, or 2e-8 in f32.
    const MILLS: &'static [Self];

    /// self·a + b with one rounding.
    #[must_use]
    fn fused(self, a: Self, b: Self) -> Self;
    /// |self|.
    #[must_use]
    fn magnitude(self) -> Self;
    /// 2^n for the integer n that [`Self::ROUNDER`] + n holds in its lowest bits; n must be the
    /// exponent of a normal number.
    #[must_use]
    fn exp2_of_rounded(rounded: Self) -> Self;
    /// The exponent k of self = 2^k·m with √½ ≤ m < √2, as a number, and m.
    #[must_use]
    fn split(self) -> (Self, Self);
    /// `a` where the condition holds and `b` elsewhere.
    #[must_use]
    #[inline(always)]
    fn choose(condition: bool, a: Self, b: Self) -> Self {
        if condition { a } else { b }
    }
}

impl Elementary for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const TWO: Self = 2.0;
    const HALF: Self = 0.5;
    const INFINITY: Self = f64::INFINITY;
    const NAN: Self = f64::NAN;
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN2_HIGH: Self = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: Self = 1.908_214_929_270_587_7e-10;
    const ROUNDER: Self = 6_755_399_441_055_744.0;
    const LARGEST_EXP: Self = 709.782_712_893_384;
    const SMALLEST_EXP: Self = -745.133_219_101_941_2;
    const INVERSE_FACTORIALS: &'static [Self] = &[
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    const INVERSES: [Self; 4] = [1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0];
    const ARTANH: &'static [Self] = &[
        2.0 / 3.0,
        2.0 / 5.0,
        2.0 / 7.0,
        2.0 / 9.0,
        2.0 / 11.0,
        2.0 / 13.0,
        2.0 / 15.0,
        2.0 / 17.0,
        2.0 / 19.0,
        2.0 / 21.0,
    ];
    const INVERSE_SQRT_TAU: Self = 0.398_942_280_401_432_7;
    const MILLS: &'static [Self] = &[
        1.183_261_914_567_803_4,
        -0.242_399_670_521_806_4,
        0.035_091_880_234_762_41,
        0.071_690_481_201_257_97,
        -0.080_708_009_679_857_51,
        0.044_959_129_082_511_03,
        -0.012_539_103_602_582_431,
        -0.000_715_950_980_248_554,
        0.001_741_848_568_905_635_3,
        -0.000_236_701_197_439_302_67,
        -0.000_220_214_185_849_516_24,
        5.326_448_529_493_363e-5,
        3.415_287_339_377_507_6e-5,
        -8.599_485_303_272_342e-6,
        -6.536_883_173_125_854e-6,
        1.008_736_102_399_030_7e-6,
        1.361_109_159_736_603_6e-6,
        5.893_925_946_965_54e-9,
        -2.532_858_778_309_643_5e-7,
        -4.646_923_375_709_65e-8,
        2.857_773_774_771_013e-8,
        1.062_272_521_860_824_2e-8,
        3.888_642_459_833_573_6e-10,
    ];

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.abs()
    }

    #[inline(always)]
    fn exp2_of_rounded(rounded: Self) -> Self {
        f64::from_bits((rounded.to_bits() << 52).wrapping_add(1023 << 52))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // Moving the bits by those of √½ makes the exponent round to the nearest power of two.
        const OFFSET: u64 = 0x3fe6_a09e_667f_3bcd;
        let bits = self.to_bits();
        let moved = bits.wrapping_sub(OFFSET);
        let exponent = moved.cast_signed() >> 52;
        let mantissa = bits.wrapping_sub(moved & (0xfff << 52));
        (exponent as f64, f64::from_bits(mantissa))
    }
}

impl Elementary for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const TWO: Self = 2.0;
    const HALF: Self = 0.5;
    const INFINITY: Self = f32::INFINITY;
    const NAN: Self = f32::NAN;
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN2_HIGH: Self = f32::from_bits(0x3f31_7200);
    const LN2_LOW: Self = 1.428_606_8e-6;
    const ROUNDER: Self = 12_582_912.0;
    const LARGEST_EXP: Self = 88.722_84;
    const SMALLEST_EXP: Self = -103.972_08;
    const INVERSE_FACTORIALS: &'static [Self] = &[
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
    ];
    const INVERSES: [Self; 4] = [1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 5.0];
    const ARTANH: &'static [Self] = &[2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0, 2.0 / 11.0];
    const INVERSE_SQRT_TAU: Self = 0.398_942_3;
    const MILLS: &'static [Self] = &[
        1.183_261_9,
        -0.242_399_63,
        0.035_091_635,
        0.071_689_23,
        -0.080_705_84,
        0.044_971_272,
        -0.012_543_32,
        -0.000_762_531_7,
        0.001_732_358_5,
        -0.000_158_140_77,
        -0.000_182_426_58,
    ];

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self.mul_add(a, b)
    }

    #[inline(always)]
    fn magnitude(self) -> Self {
        self.abs()
    }

    #[inline(always)]
    fn exp2_of_rounded(rounded: Self) -> Self {
        f32::from_bits((rounded.to_bits() << 23).wrapping_add(127 << 23))
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        const OFFSET: u32 = 0x3f35_04f3;
        let bits = self.to_bits();
        let moved = bits.wrapping_sub(OFFSET);
        let exponent = moved.cast_signed() >> 23;
        let mantissa = bits.wrapping_sub(moved & (0x1ff << 23));
        (exponent as f32, f32::from_bits(mantissa))
    }
}

/// Horner's rule with fused multiply-adds: c_0 + x·(c_1 + x·(…)).
#[inline(always)]
pub(crate) fn polynomial<T: Elementary>(coefficients: &[T], x: T) -> T {
    let mut sum = T::ZERO;
    for &c in coefficients.iter().rev() {
        sum = sum.fused(x, c);
    }
    sum
}
