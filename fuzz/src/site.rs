//! Site files: mistakes have places inside the file.

use std::path::Path;

use rye_runtime::config::{Site, SiteError};
use rye_stdlib::Config;

pub(crate) fn check(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let lines = text.split('\n').count();
    let site = Site::parse(Path::new("site.toml"), text.to_owned());
    match site.and_then(|site| site.adapters::<Config>().map(|_| ())) {
        Ok(()) => true,
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.is_empty(), "a mistake says something");
            if let SiteError::Mistakes { mistakes, .. } = &error {
                for place in mistakes.iter().filter_map(|mistake| mistake.at) {
                    assert!((1..=lines).contains(&place.line), "{shown}");
                }
            }
            false
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let page = include_str!("../../docs/reference/configuration.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    vec![example.expect("the page has an example").as_bytes().to_vec()]
}
