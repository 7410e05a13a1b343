//! Which instructions this CPU has, found once at run time.

use std::fmt;

use crate::error::Error;
use crate::simd::{Kernel, Portable};
#[cfg(target_arch = "x86_64")]
use crate::x86::{Avx2, Avx512};

/// All that there are, on any CPU.
const NAMES: [&str; 3] = ["avx512", "avx2", "portable"];

/// An instruction set that this CPU is known to have: only detection makes one, so a kernel may rely on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Isa(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Isa {
    /// The fastest one of this CPU.
    pub fn best() -> Self {
        static BEST: std::sync::OnceLock<Isa> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Self::all()[0])
    }

    /// The one named by the environment variable `BL_ISA`, or the fastest one where it is unset or empty. All give the same
    /// bits: this is for comparing their speed, and for making sure.
    pub fn chosen() -> Result<Self, Error> {
        let name = std::env::var_os("BL_ISA").unwrap_or_default();
        let name = name.to_string_lossy();
        match name.trim() {
            "" => Ok(Self::best()),
            name => Self::named(name),
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Result<Self, Error> {
        let all = Self::all();
        all.iter().copied().find(|isa| isa.name() == name).ok_or_else(|| {
            let has: Vec<_> = all.iter().map(|isa| isa.name()).collect();
            let (name, has) =
                (name.chars().take(40).collect::<String>().escape_debug().to_string(), has.join(", "));
            if NAMES.contains(&&*name) {
                Error::MissingIsa { name, has }
            } else {
                Error::UnknownIsa { name, has }
            }
        })
    }

    /// All that this CPU has, fastest first; the last is always portable code.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            if avx2 && avx512 {
                all.push(Self(Kind::Avx512));
            }
            if avx2 {
                all.push(Self(Kind::Avx2));
            }
        }
        all.push(Self(Kind::Portable));
        all
    }

    /// Name for reports: `avx512`, `avx2` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            Kind::Portable => "portable",
        }
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn kind(self) -> Kind {
        self.0
    }

    /// Runs a kernel compiled for this instruction set.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: an `Isa` of this kind exists only where detection found the features.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2(kernel) },
            // SAFETY: portable code needs no feature.
            Kind::Portable => unsafe { kernel.run::<Portable>() },
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

// The bodies of `run` are `inline(always)`, so they are compiled here, with these features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")]
unsafe fn avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the caller has the features.
    unsafe { kernel.run::<Avx512>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the caller has the features.
    unsafe { kernel.run::<Avx2>() }
}
