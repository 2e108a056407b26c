//! Configuration: JSON in, the filter's own type or a list of problems out.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::{ConfigProblem, Fault};

impl ConfigProblem {
    /// A problem at a JSON pointer such as `/hosts/0`; the empty pointer is the whole document.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

impl Fault {
    /// A fault with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Reads a configuration; blank text stands for the default. The problem names the place it is at.
pub fn parse_config<C: DeserializeOwned + Default>(json: &str) -> Result<C, Vec<ConfigProblem>> {
    if json.trim().is_empty() {
        return Ok(C::default());
    }
    // Serde would also take an array for a struct, by position.
    if !json.trim_start().starts_with('{') {
        return Err(vec![ConfigProblem::new("", "a configuration is a JSON object")]);
    }
    let mut reader = serde_json::Deserializer::from_str(json);
    let config: C = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        vec![ConfigProblem::new(pointer(error.path()), error.inner().to_string())]
    })?;
    reader.end().map_err(|error| vec![ConfigProblem::new("", error.to_string())])?;
    Ok(config)
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        hosts: Vec<String>,
        limits: Limits,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Limits {
        #[serde(rename = "a/b")]
        odd: u8,
    }

    fn problem(json: &str) -> (String, String) {
        let problems = parse_config::<Config>(json).expect_err("expected the text to be refused");
        assert_eq!(problems.len(), 1, "expected one problem: {problems:?}");
        (problems[0].path.clone(), problems[0].problem.clone())
    }

    #[test]
    fn blank_text_is_the_default() {
        assert_eq!(parse_config::<Config>(" \n"), Ok(Config::default()));
        assert_eq!(parse_config::<Config>("{}"), Ok(Config::default()));
    }

    #[test]
    fn problems_have_json_pointers() {
        assert_eq!(problem(r#"{"hosts": ["a", 5]}"#).0, "/hosts/1");
        assert_eq!(problem(r#"{"limits": {"a/b": 300}}"#).0, "/limits/a~1b");
        let (path, text) = problem(r#"{"limits": {"hosst": 1}}"#);
        assert_eq!(path, "/limits/hosst");
        assert!(text.contains("unknown field `hosst`"), "expected the field's name in: {text}");
        assert_eq!(problem("[]").0, "");
        assert_eq!(problem("{} x").0, "");
    }
}
