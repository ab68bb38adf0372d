// SPDX-License-Identifier: BSD-3-Clause
//
// Finds the installed library by pkg-config, and declares its functions from its header by the program bindgen.

use std::{env, path::PathBuf, process::Command};

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("{program} could not be run ({error}); on Debian: apt-get install {program}")
    });
    if !output.status.success() {
        panic!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn main() {
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    let include = output_of("pkg-config", &["--variable=includedir", "anisograd"]);
    let libraries = output_of("pkg-config", &["--variable=libdir", "anisograd"]);
    println!("cargo:rustc-link-search=native={}", libraries.trim());
    println!("cargo:rustc-link-lib=dylib=anisograd");

    let header = format!("{}/anisograd/anisograd.h", include.trim());
    println!("cargo:rerun-if-changed={header}");
    let declarations = PathBuf::from(env::var("OUT_DIR").unwrap()).join("declarations.rs");
    let mut arguments = vec![
        "--allowlist-function=ag_.*",
        "--allowlist-type=ag_.*",
        "--allowlist-var=AG_.*",
        "--default-enum-style=consts",
        "--no-prepend-enum-name",
        "--no-doc-comments",
        "--no-layout-tests",
        "--output",
        declarations.to_str().expect("UTF-8"),
        &header,
    ];
    // Newer releases do this without being asked, and some no longer know the option.
    if output_of("bindgen", &["--help"]).contains(" --size_t-is-usize") {
        arguments.insert(0, "--size_t-is-usize");
    }
    output_of("bindgen", &arguments);
}
