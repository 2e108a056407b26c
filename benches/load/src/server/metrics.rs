//! Counters that a server tells in the text format of Prometheus.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for them.
const PATIENCE: Duration = Duration::from_secs(5);

/// The text at this path; `None` if there is none.
pub fn fetch(server: SocketAddr, path: &str) -> Option<String> {
    let (status, body) = get(server, path)?;
    (status == 200).then_some(body)
}

/// Status and body of a plain request.
pub fn get(server: SocketAddr, path: &str) -> Option<(u16, String)> {
    if path.is_empty() {
        return None;
    }
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// The sum of all series of these names; `None` if there is none.
pub fn sum(text: &str, names: &[String]) -> Option<u64> {
    let value = |line: &str| {
        let (series, value) = line.rsplit_once(' ')?;
        let name = series.split('{').next()?;
        let known = names.iter().any(|it| it == name);
        known.then(|| value.trim().parse::<f64>().ok()).flatten()
    };
    let values: Vec<f64> = text.lines().filter_map(value).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a counter")]
    (!values.is_empty()).then(|| values.iter().sum::<f64>() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_name_are_added() {
        let text = "# TYPE syncs_total counter\nsyncs_total{writer=\"0\"} 40\nsyncs_total{writer=\"1\"} 2\n\
                    syncs_total_other 7\nplain 1.5e3\n";
        assert_eq!(sum(text, &["syncs_total".to_owned()]), Some(42));
        assert_eq!(sum(text, &["plain".to_owned()]), Some(1_500));
        assert_eq!(sum(text, &["none".to_owned()]), None);
    }
}
