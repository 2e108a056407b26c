//! What a configuration brings along: files that are wrong stop the start, and what people decided later is left alone.

use std::path::PathBuf;

use rialto_engine::app::Rooms;
use rialto_engine::config::Config;
use rialto_engine::domain::{Clock, UserId};
use rialto_engine::release::{By, Configure, Mode, SetMode};
use tempfile::TempDir;

fn fixture() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/dist/fixtures/misbehaving.wasm"))
}

fn config(dir: &TempDir, address: &str) -> Config {
    let mut config = Config::default();
    dir.path().clone_into(&mut config.server.data_dir);
    address.clone_into(&mut config.store.address);
    config.filters.bundled = false;
    config.filters.files = vec![fixture()];
    config
}

#[tokio::test]
async fn a_file_that_can_not_be_used_stops_the_start_and_is_named() {
    let dir = TempDir::new().expect("a directory");
    let write = |name: &str, text: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let with_files = |files: Vec<PathBuf>| {
        let mut config = config(&dir, "memory");
        config.filters.files = files;
        config
    };
    let with_config = |name: &str, text: &[u8]| {
        let mut config = config(&dir, "memory");
        let file = write(&format!("{name}-{}.json", text.len()), text);
        config.filters.config_files = [(name.to_owned(), file)].into();
        config
    };
    let wrong = [
        (with_files(vec![fixture(), fixture()]), "two filters called misbehaving"),
        (with_files(vec![dir.path().join("none.wasm")]), "none.wasm can't be read"),
        (with_files(vec![write("bad.wasm", b"hello")]), "it is not a WebAssembly component"),
        (with_config("misspelt", b"{}"), "names the filter misspelt, which is not loaded"),
        (with_config("misbehaving", b"{"), "it is no JSON"),
        (with_config("misbehaving", br#"{"reject": true}"#), "can't be used"),
    ];
    for (config, expected) in wrong {
        let error = Rooms::open(&config, Clock::system()).await.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error:?} should say {expected:?}");
    }
}

#[tokio::test]
async fn what_people_decided_later_is_left_alone_by_the_next_start() {
    let dir = TempDir::new().expect("a directory");
    let config = config(&dir, &Config::default().store.address);
    let rooms = Rooms::open(&config, Clock::system()).await.expect("rooms");
    let brought = rooms.releases.filter("misbehaving").expect("it was brought");
    assert_eq!(brought.live, Some(1), "a configured file judges at once");
    let by = || By { actor: UserId::trusted("ada"), reason: Some("a test".to_owned()) };
    let configure = Configure {
        name: "misbehaving".to_owned(),
        base: 1,
        config: Some(r#"{"reject": false}"#.to_owned()),
        grants: None,
        note: Some("mine".to_owned()),
    };
    let second = rooms.releases.configure(by(), configure).await.expect("a version").number;
    let live =
        SetMode { name: "misbehaving".into(), version: second, mode: Mode::Live, seen: None };
    rooms.releases.set_mode(by(), live).await.expect("it goes live");
    rooms.close().await.expect("closed");

    let again = Rooms::open(&config, Clock::system()).await.expect("rooms");
    let kept = again.releases.filter("misbehaving").expect("it is there");
    assert_eq!(kept.live, Some(second), "the file is the same, so the admin's choice stands");
    again.close().await.expect("closed");
}
