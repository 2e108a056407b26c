//! What the server has in the end, held against what it acknowledged.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::driver::Ledger;
use crate::error::LoadError;
use crate::market::Market;
use crate::operations::History;
use crate::progress;
use crate::texts::Texts;

/// Messages of a page.
const PAGE: usize = 100;
/// Findings that are told word for word.
const TOLD: usize = 10;

/// What was found.
#[derive(Debug, Default)]
pub struct Truth {
    /// Messages read.
    pub read: usize,
    /// Acknowledged, and not where it was said to be.
    pub lost: usize,
    /// Acknowledged, and there more than once.
    pub doubled: usize,
    told: Vec<String>,
}

impl Truth {
    /// Has every sender read the conversation whole: what a filter held back, nobody else sees.
    pub fn read(market: &Market, ledgers: &[Ledger], texts: &Texts) -> Result<Self, LoadError> {
        let history = market.operations.history.as_ref();
        let history = history
            .ok_or_else(|| LoadError::Setup("the operations have no [history]".to_owned()))?;
        let bar = progress::bar(ledgers.len() as u64, "conversations read");
        let mut truth = Self::default();
        for ledger in ledgers {
            let said = said(market, history, ledger)?;
            truth.compare(ledger, &said, texts);
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(truth)
    }

    fn compare(&mut self, ledger: &Ledger, said: &[(u64, String)], texts: &Texts) {
        self.read += said.len();
        let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
        for (seq, body) in said {
            places.entry(body).or_default().push(*seq);
        }
        let mut wanted = Vec::new();
        for (number, seq) in &ledger.entries {
            wanted.clear();
            texts.write(&mut wanted, ledger.who, *number);
            let wanted: Option<String> = serde_json::from_slice(&wanted).ok();
            let places = wanted.and_then(|wanted| places.get(&*wanted)).map_or(&[][..], |it| it);
            if !places.contains(seq) {
                self.lost += 1;
                self.tell(format!(
                    "{}: {seq} was acknowledged and is not there",
                    ledger.conversation
                ));
            }
            if places.len() > 1 {
                self.doubled += 1;
                self.tell(format!("{}: {seq} is there twice: {places:?}", ledger.conversation));
            }
        }
    }

    fn tell(&mut self, words: String) {
        if self.told.len() < TOLD {
            self.told.push(words);
        }
    }

    /// Fails if anything was lost or doubled.
    pub fn check(&self) -> Result<(), LoadError> {
        if self.lost == 0 && self.doubled == 0 {
            return Ok(());
        }
        let Self { lost, doubled, told, .. } = self;
        let words = format!(
            "{lost} acknowledged messages lost, {doubled} doubled\n  {}",
            told.join("\n  ")
        );
        Err(LoadError::Broken(words))
    }
}

/// Numbers and texts of a conversation.
fn said(
    market: &Market,
    history: &History,
    ledger: &Ledger,
) -> Result<Vec<(u64, String)>, LoadError> {
    let mut caller = market.caller(&ledger.token)?;
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables =
            json!({ "conversationId": ledger.conversation, "first": PAGE, "after": after });
        let page = caller.call(&history.document, &variables)?;
        let nodes = history.nodes.of(&page).as_array();
        let nodes =
            nodes.ok_or_else(|| LoadError::Protocol(format!("no page of messages: {page}")))?;
        for node in nodes {
            let (seq, body) = (history.seq.of(node).as_u64(), history.body.of(node).as_str());
            let message = seq.zip(body.map(str::to_owned));
            all.push(message.ok_or_else(|| LoadError::Protocol(format!("no message: {node}")))?);
        }
        if history.more.of(&page) != &Value::Bool(true) || nodes.is_empty() {
            return Ok(all);
        }
        after = history.cursor.of(&page).clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_moved_or_doubled_is_found() {
        let texts = Texts::default();
        let body = |number: u64| {
            let mut out = Vec::new();
            texts.write(&mut out, 1, number);
            serde_json::from_slice::<String>(&out).unwrap()
        };
        let ledger = Ledger {
            conversation: "c".to_owned(),
            token: String::new(),
            who: 1,
            entries: vec![(0, 2), (1, 3), (2, 4)],
        };
        let check = |said: &[(u64, String)]| {
            let mut truth = Truth::default();
            truth.compare(&ledger, said, &texts);
            (truth.lost, truth.doubled, truth.check().is_ok())
        };
        let whole =
            [(1, "hello".to_owned()), (2, body(0)), (3, body(1)), (4, body(2)), (5, body(7))];
        assert_eq!(check(&whole), (0, 0, true));
        assert_eq!(check(&whole[..3]), (1, 0, false));
        let doubled = [&whole[..], &[(6, body(1))]].concat();
        assert_eq!(check(&doubled), (0, 1, false));
        let mut moved = whole.clone();
        moved[2].0 = 9;
        assert_eq!(check(&moved), (1, 0, false));
    }
}
