//! `$arch` and `$basearch`.

/// Basic architectures and the machines that are of them, as dnf 4 has them.
const BASES: &[(&str, &[&str])] = &[
    ("aarch64", &["aarch64"]),
    (
        "alpha",
        &[
            "alpha",
            "alphaev4",
            "alphaev45",
            "alphaev5",
            "alphaev56",
            "alphaev6",
            "alphaev67",
            "alphaev68",
            "alphaev7",
            "alphapca56",
        ],
    ),
    ("arm", &["armv5tejl", "armv5tel", "armv5tl", "armv6l", "armv7l", "armv8l"]),
    ("armhfp", &["armv6hl", "armv7hl", "armv7hnl", "armv8hl"]),
    ("i386", &["i386", "athlon", "geode", "i486", "i586", "i686"]),
    ("ia64", &["ia64"]),
    ("loongarch64", &["loongarch64"]),
    ("mips", &["mips"]),
    ("mips64", &["mips64"]),
    ("mips64el", &["mips64el"]),
    ("mipsel", &["mipsel"]),
    ("noarch", &["noarch"]),
    ("ppc", &["ppc"]),
    ("ppc64", &["ppc64", "ppc64iseries", "ppc64p7", "ppc64pseries"]),
    ("ppc64le", &["ppc64le"]),
    ("riscv128", &["riscv128"]),
    ("riscv32", &["riscv32"]),
    ("riscv64", &["riscv64"]),
    ("s390", &["s390"]),
    ("s390x", &["s390x"]),
    ("sh3", &["sh3"]),
    ("sh4", &["sh4", "sh4a"]),
    ("sparc", &["sparc", "sparc64", "sparc64v", "sparcv8", "sparcv9", "sparcv9v"]),
    ("x86_64", &["x86_64", "amd64", "ia32e"]),
];

/// The basic architecture of a machine.
pub(crate) fn base(machine: &str) -> Option<&'static str> {
    BASES.iter().find(|(_, machines)| machines.contains(&machine)).map(|(base, _)| *base)
}
