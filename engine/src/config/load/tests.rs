//! Every source is read, later ones win, and what is wrong is refused by name.

use super::super::validate;
use super::*;

fn env(pairs: &[(&str, &str)]) -> Sources {
    let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { env, ..Sources::default() }
}

fn file(text: &str) -> (tempfile::TempDir, Sources) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("rialto.toml");
    std::fs::write(&path, text).expect("the file is written");
    (dir, Sources { file: Some(path), ..Sources::default() })
}

#[test]
fn nothing_given_is_the_defaults() {
    let config = load(env(&[("HOME", "/somewhere"), (FILE_VARIABLE, "x.toml")]));
    assert_eq!(config, Ok(Config::default()));
}

#[test]
fn later_sources_win() {
    let (_dir, mut sources) =
        file("[server]\nlisten = \"127.0.0.1:1\"\n[store]\nwriters = 3\nqueue = 7\n");
    sources.env =
        env(&[("RIALTO_STORE__WRITERS", "4"), ("RIALTO_SERVER__LISTEN", "127.0.0.1:2")]).env;
    sources.overrides =
        vec![Override { setting: "server.listen", flag: "--listen", value: "127.0.0.1:3".into() }];
    let config = load(sources).expect("everything is right");
    assert_eq!(config.server.listen.port(), 3, "the flag beats the environment");
    assert_eq!(config.store.writers, 4, "the environment beats the file");
    assert_eq!(config.store.queue, 7, "the file beats the default");
}

#[test]
fn the_environment_reads_every_kind_of_value() {
    let config = load(env(&[
        ("RIALTO_SERVER__DEVELOPMENT", "false"),
        ("RIALTO_SERVER__CORS_ORIGINS", "https://a.example, https://b.example"),
        ("RIALTO_IDENTITY__SECRET", "12345678901234567890123456789012"),
        ("RIALTO_FILTERS__FAIL_MODE", "open"),
        ("RIALTO_FILTERS__CONFIG_FILES__LINK_GUARD", "hosts.json"),
        ("RIALTO_LOG__FORMAT", "json"),
    ]))
    .expect("everything is right");
    assert!(!config.server.development);
    assert_eq!(config.server.cors_origins, ["https://a.example", "https://b.example"]);
    assert_eq!(config.identity.secret.as_deref(), Some("12345678901234567890123456789012"));
    assert_eq!(config.filters.fail_mode, super::super::FailMode::Open);
    assert_eq!(config.filters.config_files["link-guard"].to_str(), Some("hosts.json"));
    assert_eq!(config.log.format, super::super::LogFormat::Json);
}

#[test]
fn a_wrong_variable_is_refused_by_name() {
    let from = "from the environment variable";
    // variable, value, the whole message
    let cases = [
        (
            "RIALTO_STORE__WRITERS",
            "many",
            "wrong setting `store.writers` {from} {name}: not a whole number; allowed: 1 to 64",
        ),
        (
            "RIALTO_STORE__WRITERS",
            "0",
            "wrong setting `store.writers` {from} {name}: 0 is out of range; allowed: 1 to 64",
        ),
        (
            "RIALTO_STORE__WRITERS",
            "-1",
            "wrong setting `store.writers` {from} {name}: not a whole number; allowed: 1 to 64",
        ),
        (
            "RIALTO_FILTERS__DEADLINE_MS",
            "10001",
            "wrong setting `filters.deadline_ms` {from} {name}: 10001 is out of range; allowed: 1 to 10000",
        ),
        (
            "RIALTO_LIMITS__PAGE_SIZE",
            "0",
            "wrong setting `limits.page_size` {from} {name}: 0 is out of range; allowed: 1 to 1000",
        ),
        (
            "RIALTO_IDENTITY__SECRET",
            "short",
            "wrong setting `identity.secret` {from} {name}: it has 5 bytes; allowed: a text of at least 32 bytes, and no `identity.public_key_file`",
        ),
        (
            "RIALTO_SERVER__LISTEN",
            "nowhere",
            "wrong setting `server.listen` {from} {name}: invalid socket address syntax; allowed: an address and port, such as 127.0.0.1:4000",
        ),
        (
            "RIALTO_SERVER__DEVELOPMENT",
            "perhaps",
            "wrong setting `server.development` {from} {name}: not a truth value; allowed: true or false",
        ),
        (
            "RIALTO_SERVER__CORS_ORIGINS",
            "a.example",
            "wrong setting `server.cors_origins` {from} {name}: `a.example` is no origin; allowed: `*`, or origins such as https://market.example, without a path",
        ),
        (
            "RIALTO_FILTERS__FAIL_MODE",
            "close",
            "wrong setting `filters.fail_mode` {from} {name}: unknown variant `close`, expected `open` or `hold`; allowed: `open` or `hold`",
        ),
        (
            "RIALTO_STORE__ADDRESS",
            "http://x",
            "wrong setting `store.address` {from} {name}: `http://x` is neither; allowed: `embedded`, `memory`, or a server's ws:// or wss:// address",
        ),
        (
            "RIALTO_STORE__PASSWORD",
            "hunter2",
            "wrong setting `store.password` {from} {name}: there is no user name; allowed: a text, together with `store.username`",
        ),
        (
            "RIALTO_LOG__FORMAT",
            "xml",
            "wrong setting `log.format` {from} {name}: unknown variant `xml`, expected `text` or `json`; allowed: `text` or `json`",
        ),
        ("RIALTO_MESSAGES__MAX_BYTES", "1048576", ""),
        (
            "RIALTO_LOG__FORMATS",
            "json",
            "unknown setting `{name}` {from} {name}; allowed: RIALTO_LOG__FILTER, RIALTO_LOG__FORMAT",
        ),
        (
            "RIALTO_LISTEN",
            "x",
            "unknown setting `{name}` {from} {name}; allowed: RIALTO_CONVERSATIONS__…, RIALTO_FILTERS__…, RIALTO_IDENTITY__…, RIALTO_LIMITS__…, RIALTO_LOG__…, RIALTO_MESSAGES__…, RIALTO_SEARCH__…, RIALTO_SERVER__…, RIALTO_STAFF__…, RIALTO_STORE__…, RIALTO_TRACING__…",
        ),
        (
            "RIALTO_SERVER__LISTEN__PORT",
            "1",
            "unknown setting `{name}` {from} {name}; allowed: RIALTO_SERVER__CORS_ORIGINS, RIALTO_SERVER__DATA_DIR, RIALTO_SERVER__DEVELOPMENT, RIALTO_SERVER__DRAIN_SECONDS, RIALTO_SERVER__LISTEN, RIALTO_SERVER__METRICS, RIALTO_SERVER__SHUTDOWN_SECONDS",
        ),
    ];
    for (name, value, expected) in cases {
        let message = load(env(&[(name, value)])).err().map(|error| error.to_string());
        let expected = expected.replace("{from}", from).replace("{name}", name);
        assert_eq!(message.unwrap_or_default(), expected, "{name}={value}");
    }
}

#[test]
fn a_wrong_file_is_refused_by_setting() {
    let cases = [
        ("[server]\nlisten = 4000\n", "wrong setting `server.listen` in FILE: invalid type"),
        ("[store]\nwriters = \"2\"\n", "wrong setting `store.writers` in FILE: invalid type"),
        (
            "[store]\nwriters = 65\n",
            "wrong setting `store.writers` in FILE: 65 is out of range; allowed: 1 to 64",
        ),
        (
            "[filters]\nfiles = [\"a\", 3]\n",
            "wrong setting `filters.files[1]` in FILE: invalid type",
        ),
        ("server = 5\n", "wrong setting `server` in FILE: invalid type"),
        ("[store]\nwriter = 2\n", "unknown setting `store.writer` in FILE; allowed: `address`, "),
        ("[stores]\n", "unknown setting `stores` in FILE; allowed: [conversations], "),
        ("[log]\nfilter = \"a=b=c\"\n", "wrong setting `log.filter` in FILE: "),
        ("[server\n", "configuration file PATH: "),
    ];
    for (text, expected) in cases {
        let (dir, sources) = file(text);
        let path = dir.path().join("rialto.toml").display().to_string();
        let message = load(sources).expect_err(text).to_string();
        let expected = expected.replace("FILE", &path).replace("PATH", &path);
        assert!(message.starts_with(&expected), "{text:?}: {message:?} should start {expected:?}");
    }
    let missing = Sources { file: Some("no/such.toml".into()), ..Sources::default() };
    let message = load(missing).expect_err("there is no such file").to_string();
    assert!(message.starts_with("configuration file no/such.toml: "), "{message}");
}

#[test]
fn secrets_are_not_repeated_in_errors() {
    for text in ["[identity]\nsecret = 123456\n", "[store]\npassword = 123456\nusername = \"a\"\n"]
    {
        let (_dir, sources) = file(text);
        let message = load(sources).expect_err(text).to_string();
        assert!(!message.contains("123456"), "{message}");
    }
}

#[test]
fn settings_that_exclude_each_other_are_refused() {
    let both = env(&[
        ("RIALTO_IDENTITY__SECRET", "12345678901234567890123456789012"),
        ("RIALTO_IDENTITY__PUBLIC_KEY_FILE", "key.pem"),
    ]);
    let message = load(both).expect_err("both keys are given").to_string();
    assert!(message.contains("there is a public key as well"), "{message}");
    let small = env(&[("RIALTO_LIMITS__REQUEST_BYTES", "4096")]);
    let message = load(small).expect_err("a message could not arrive").to_string();
    assert!(message.contains("`messages.max_bytes`"), "{message}");
}

/// A setting that is added must say what it may be.
#[test]
fn every_setting_says_what_is_allowed() {
    let sections = validate::as_json(&Config::default()).expect("the defaults are JSON");
    for (section, fields) in &sections {
        for field in keys(fields) {
            let setting = format!("{section}.{field}");
            let allowed =
                validate::Fault { setting: setting.clone(), reason: String::new() }.allowed();
            assert_ne!(
                allowed, "a table of settings",
                "`{setting}` is missing in config/validate.rs"
            );
            let number = fields[field].is_number();
            assert_eq!(allowed.contains(" to "), number, "`{setting}` allows {allowed:?}");
        }
    }
}

/// `rialto.example.toml` shows every setting with its default; optional ones are commented out.
#[test]
fn the_example_file_is_the_defaults() {
    let text = include_str!("../../../../rialto.example.toml");
    let (_dir, sources) = file(text);
    assert_eq!(load(sources), Ok(Config::default()));
    // With the optional settings switched on, every setting there is must have been named.
    let all: String = text
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n")
        .collect();
    let value: Value = config::Config::builder()
        .add_source(config::File::from_str(&all, FileFormat::Toml))
        .build()
        .and_then(config::Config::try_deserialize)
        .expect("the example with its optional settings is TOML");
    for (section, fields) in &validate::as_json(&Config::default()).expect("the defaults are JSON")
    {
        let shown: Vec<&str> = keys(&value[section]).collect();
        for field in keys(fields) {
            assert!(shown.contains(&field), "rialto.example.toml lacks `{section}.{field}`");
        }
    }
    let known = Known::new();
    let given = Given { file: None, named: BTreeMap::new() };
    assert_eq!(known.refuse_unknown(&value, &given), Ok(()), "the example names only settings");
}
