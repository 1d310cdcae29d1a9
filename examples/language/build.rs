//! Takes the Rust out of the guide's pages, so that there is one text of it.

use std::path::Path;
use std::{env, fs};

const PAGES: [&str; 5] = ["language", "language_types", "language_methods", "moving", "values"];

fn main() {
    let directory = env::var_os("OUT_DIR").expect("Cargo says where");
    for name in PAGES {
        let page = format!("../../docs/src/{name}.md");
        println!("cargo::rerun-if-changed={page}");
        let text = fs::read_to_string(page).expect("the guide is beside the examples");
        let file = Path::new(&directory).join(format!("{name}.rs"));
        fs::write(file, modules(&text)).expect("Cargo's directory can be written to");
    }
}

/// A module for each section. Every line stays at its place, so that the compiler's messages name the page's.
fn modules(page: &str) -> String {
    let mut code = String::new();
    // What the block is of that a line stands in.
    let mut block = None;
    let mut sections = 0;
    for line in page.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (Some("rust"), None) => code.push_str(line),
            (None, None) if line.starts_with('#') => {
                let end = if sections == 0 { "" } else { "} " };
                sections += 1;
                code.push_str(&format!("{end}mod section_{sections} {{"));
            }
            _ => {}
        }
        code.push('\n');
    }
    code.push('}');
    code
}
