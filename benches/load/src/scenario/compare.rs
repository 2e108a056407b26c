//! Two servers on one machine in one run, in turns, so that what else the machine does hits both.

use std::path::Path;

use comfy_table::{Cell, CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use crate::arguments::{Common, Compare};
use crate::driver::Pace;
use crate::error::LoadError;
use crate::report::{Report, figures, shown, warn_if_bottleneck, warn_if_refused};

use super::{meet, talk};

/// Runs it and prints what it showed.
pub fn run(asked: &Compare) -> Result<(), LoadError> {
    let ours = &asked.chat.common;
    let peer = Common {
        url: asked.peer_url.clone(),
        data_dir: asked.peer_data_dir.clone(),
        operations: asked.peer_operations.clone(),
        pid: asked.peer_pid.clone(),
        ..ours.clone()
    };
    let sides = [meet(ours)?, meet(&peer)?];
    let paces = [("closed loop".to_owned(), Pace::Closed)].into_iter().chain(
        asked
            .chat
            .rate
            .iter()
            .map(|rate| (format!("offered {rate} messages/s"), Pace::Rate(*rate))),
    );
    let mut written = Vec::new();
    for (name, pace) in paces {
        let mut reports =
            sides.each_ref().map(|(market, _)| Report::new(&name, &market.operations.name));
        for _ in 0..ours.repeat.max(1) {
            for ((market, server), report) in sides.iter().zip(&mut reports) {
                let phase = talk(market, server, &asked.chat, pace)?;
                report.run(figures(&phase));
                warn_if_bottleneck(report, &phase);
                warn_if_refused(report, &phase);
            }
        }
        print(&name, &reports, asked);
        written.extend(reports.iter().map(Report::json));
    }
    ours.json.as_deref().map_or(Ok(()), |path| write(path, &written))
}

fn print(name: &str, [ours, peer]: &[Report; 2], asked: &Compare) {
    let Common { repeat, seconds, .. } = &asked.chat.common;
    println!(
        "{name}: {} conversations of two, medians (lowest to highest) of {repeat} runs of {} s in turns",
        asked.chat.conversations,
        seconds.as_secs_f64(),
    );
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header([
        "figure",
        ours.server(),
        peer.server(),
        "ratio",
    ]);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for figure in ours.names() {
        let ratio = ours.median(figure).zip(peer.median(figure));
        let ratio = ratio.filter(|(_, peer)| *peer != 0.0).map(|(ours, peer)| ours / peer);
        let spread = |report: &Report| right(report.spread(figure));
        table.add_row([
            Cell::new(figure),
            spread(ours),
            spread(peer),
            right(ratio.map_or_else(String::new, |ratio| format!("{} ×", shown(Some(ratio))))),
        ]);
    }
    println!("{table}");
    for report in [ours, peer] {
        report.tell_notes();
    }
}

fn write(path: &Path, reports: &[serde_json::Value]) -> Result<(), LoadError> {
    let text = format!("{:#}\n", json!(reports));
    std::fs::write(path, text).map_err(|source| LoadError::file(path, source))
}
