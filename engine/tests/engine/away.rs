//! A store's server that is not there, hangs up, or says nothing: the start ends in time with words that name it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Exit code, what was printed, and how long it took, of an engine whose store is at this port.
fn start(port: u16) -> (Option<i32>, String, Duration) {
    let dir = TempDir::new().expect("a directory");
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_rialto"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path())
        .current_dir(dir.path())
        .env("RIALTO_STORE__ADDRESS", format!("ws://127.0.0.1:{port}"))
        .env("RIALTO_STORE__CONNECT_SECONDS", "3")
        .output()
        .expect("the engine runs");
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&told).into_owned(), began.elapsed())
}

/// A server that does this with every connection.
fn server(act: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(act));
    port
}

fn check(what: &str, port: u16) {
    let (code, told, took) = start(port);
    assert_eq!(code, Some(1), "{what}: {told}");
    assert!(told.contains("the store is not available"), "{what}: {told}");
    assert!(took < Duration::from_secs(15), "{what}: it took {took:?}");
    assert!(!told.contains("panicked"), "{what}: {told}");
}

#[test]
fn a_start_without_the_store_s_server_ends_in_time_and_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = free.local_addr().expect("an address").port();
    drop(free);
    check("nobody listens", nobody);
    check("it hangs up", server(drop));
    check("it says nothing", server(std::mem::forget));
    let other = |mut stream: TcpStream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi");
    };
    check("it is something else", server(other));
}
