//! Rate, errors and duration of operations, by kind and root field: fields of the schema only, never a client's words.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::failures::Failed;
use super::live::Transport;
use super::trace::{self, Attribute, Context, Remote, Span};
use super::{Counter, Gauge, Histogram, LATENCIES, Names, Page, catalogue};

/// Error codes told apart; further ones are `other`.
const CODES: usize = 64;
static CODE_NAMES: Names<CODES> = Names::new();
static REFUSED: [Counter; CODES] = [const { Counter::new() }; CODES];

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Query,
    /// Changes.
    Mutation,
    /// Watches.
    Subscription,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Query, Self::Mutation, Self::Subscription];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// What an operation asks for at its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root<'a> {
    /// One field, under whatever alias.
    Field(&'a str),
    /// Different ones.
    Several,
}

/// Figures of every operation there can be. Clones of the `Arc` share them.
#[derive(Debug)]
pub struct Operations {
    /// By kind: the place of each field in `all`.
    places: [HashMap<Box<str>, usize>; Kind::ALL.len()],
    all: Vec<Figures>,
    under_way: [Gauge; Kind::ALL.len()],
    /// Longest an operation may take, nanoseconds.
    patience: u64,
}

#[derive(Debug)]
struct Figures {
    kind: Kind,
    field: Box<str>,
    begun: [Counter; Transport::ALL.len()],
    seconds: Histogram,
    errors: Box<[Counter]>,
    open: Gauge,
    answers: Counter,
}

impl Figures {
    fn new(kind: Kind, field: Box<str>) -> Self {
        Self {
            kind,
            field,
            begun: [const { Counter::new() }; Transport::ALL.len()],
            seconds: Histogram::new(&LATENCIES),
            errors: (0..CODES).map(|_| Counter::new()).collect(),
            open: Gauge::new(),
            answers: Counter::new(),
        }
    }

    fn count(&self) -> u64 {
        self.begun.iter().map(Counter::get).sum()
    }
}

/// Words for what is no field of the schema: places 0, 1 and 2 of each kind.
const OTHERS: [&str; 3] = ["several", "introspection", "unknown"];

impl Operations {
    /// `fields`: every root field of the schema. `patience`: how long an operation may take.
    pub fn new(fields: impl IntoIterator<Item = (Kind, String)>, patience: Duration) -> Self {
        let others = Kind::ALL.into_iter().flat_map(|kind| OTHERS.map(|word| (kind, word.into())));
        let fields = fields.into_iter().map(|(kind, field)| (kind, field.into_boxed_str()));
        let mut places: [HashMap<Box<str>, usize>; 3] = Default::default();
        let mut all = Vec::new();
        for (kind, field) in others.chain(fields) {
            places[kind as usize].insert(field.clone(), all.len());
            all.push(Figures::new(kind, field));
        }
        let under_way = [const { Gauge::new() }; Kind::ALL.len()];
        Self { places, all, under_way, patience: super::nanos(patience) }
    }

    /// An operation was read and may be executed.
    pub fn ticket(self: &Arc<Self>, kind: Kind, root: Root<'_>) -> Ticket {
        let place = match root {
            Root::Several => kind as usize * OTHERS.len(),
            Root::Field(name) if name.starts_with("__") => kind as usize * OTHERS.len() + 1,
            Root::Field(name) => {
                let place = self.places[kind as usize].get(name);
                place.copied().unwrap_or(kind as usize * OTHERS.len() + 2)
            }
        };
        let (operations, read_at) = (Arc::clone(self), super::now());
        Ticket {
            operations,
            place,
            read_at,
            transport: Transport::Http,
            begun: false,
            done: false,
            origin: Origin::default(),
            span: Span::none(),
        }
    }

    /// Writes them; operations nobody has asked for yet are left out.
    pub fn write(&self, page: &mut Page) {
        let seen: Vec<&Figures> = self.all.iter().filter(|it| it.count() > 0).collect();
        page.metric(&catalogue::OPERATIONS);
        for it in &seen {
            for transport in Transport::ALL {
                let count = it.begun[transport as usize].get();
                let transport = ("transport", transport.as_str());
                if count > 0 {
                    page.sample(&[it.kind(), it.field(), transport], count);
                }
            }
        }
        page.metric(&catalogue::OPERATION_ERRORS);
        for it in &seen {
            for (place, code) in CODE_NAMES.all() {
                let count = it.errors[place].get();
                if count > 0 {
                    page.sample(&[it.kind(), it.field(), ("code", code)], count);
                }
            }
        }
        page.metric(&catalogue::OPERATION_SECONDS);
        for it in seen.iter().filter(|it| it.kind != Kind::Subscription) {
            page.histogram(&[it.kind(), it.field()], &it.seconds.spread());
        }
        page.metric(&catalogue::OPERATIONS_UNDER_WAY);
        for kind in Kind::ALL {
            page.sample(&[("kind", kind.as_str())], self.under_way[kind as usize].get());
        }
        let subscriptions = || seen.iter().filter(|it| it.kind == Kind::Subscription);
        page.metric(&catalogue::SUBSCRIPTIONS);
        for it in subscriptions() {
            page.sample(&[it.field()], it.open.get());
        }
        page.metric(&catalogue::SUBSCRIPTION_ANSWERS);
        for it in subscriptions() {
            page.sample(&[it.field()], it.answers.get());
        }
        page.metric(&catalogue::REQUESTS_REFUSED);
        for (place, code) in CODE_NAMES.all() {
            page.sample(&[("code", code)], REFUSED[place].get());
        }
    }
}

impl Figures {
    fn kind(&self) -> (&'static str, &str) {
        ("kind", self.kind.as_str())
    }

    fn field(&self) -> (&'static str, &str) {
        ("field", &self.field)
    }
}

/// Counts a request that was answered without executing anything.
pub fn refused(code: &str) {
    REFUSED[CODE_NAMES.place(code)].inc();
}

/// Where an operation comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The request's id, for the log.
    pub request: Option<Arc<str>>,
    /// The trace its client follows.
    pub trace: Option<Remote>,
}

/// One operation, from when it was read until it is answered or given up, that is, dropped.
#[derive(Debug)]
pub struct Ticket {
    operations: Arc<Operations>,
    place: usize,
    read_at: u64,
    transport: Transport,
    begun: bool,
    done: bool,
    origin: Origin,
    span: Span,
}

impl Ticket {
    /// Says how it came in; HTTP unless said.
    pub fn over(&mut self, transport: Transport) {
        self.transport = transport;
    }

    /// Says where it comes from, for the log and for traces.
    pub fn from(&mut self, origin: Origin) {
        self.origin.request = origin.request.or(self.origin.request.take());
        // What the operation itself brought counts more than what its connection did.
        self.origin.trace = self.origin.trace.or(origin.trace);
    }

    /// What its parts are parts of; `None` if it is not traced.
    pub fn trace(&self) -> Option<Context> {
        self.span.context()
    }

    /// Its execution begins.
    pub fn begin(&mut self) {
        let figures = &self.operations.all[self.place];
        figures.begun[self.transport as usize].inc();
        self.operations.under_way[figures.kind as usize].add(1);
        if figures.kind == Kind::Subscription {
            figures.open.add(1);
        }
        self.begun = true;
        let (transport, kind) = (self.transport.as_str(), figures.kind.as_str());
        self.span = trace::root(self.origin.trace, || format!("{kind} {}", figures.field));
        self.span.say(|| [Attribute::Word("transport", transport.to_owned())]);
    }

    /// It gave an answer, with errors of these codes; the only one, unless it is a subscription.
    pub fn answered<'a>(&mut self, codes: impl Iterator<Item = &'a str>) {
        let figures = &self.operations.all[self.place];
        let mut failed = String::new();
        for code in codes {
            figures.errors[CODE_NAMES.place(code)].inc();
            failed = if failed.is_empty() { code.to_owned() } else { failed + "," + code };
        }
        if !failed.is_empty() {
            self.tell(&failed);
            self.span.say(|| [Attribute::Word("error.type", failed)]);
            self.span.fail();
        }
        if figures.kind == Kind::Subscription {
            figures.answers.inc();
        } else if !self.done {
            figures.seconds.record(super::now().saturating_sub(self.read_at));
        }
        self.done = true;
        // A subscription's span ends with its first answer; what comes later belongs to other traces.
        drop(std::mem::take(&mut self.span));
    }
}

impl Ticket {
    fn tell(&self, codes: &str) {
        let figures = &self.operations.all[self.place];
        Failed {
            request: self.origin.request.as_deref().unwrap_or("none"),
            transport: self.transport.as_str(),
            operation: (figures.kind.as_str(), &figures.field),
            codes,
            status: None,
            took: Duration::from_nanos(super::now().saturating_sub(self.read_at)),
        }
        .tell();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.begun {
            return;
        }
        let figures = &self.operations.all[self.place];
        self.operations.under_way[figures.kind as usize].add(-1);
        if figures.kind == Kind::Subscription {
            figures.open.add(-1);
        } else if !self.done {
            let took = super::now().saturating_sub(self.read_at);
            let code = if took >= self.operations.patience { "TIMEOUT" } else { "CANCELLED" };
            figures.errors[CODE_NAMES.place(code)].inc();
            figures.seconds.record(took);
            if code == "TIMEOUT" {
                self.tell(code);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_told_apart_by_the_schema_s_fields_only() {
        let fields = [(Kind::Query, "me".to_owned()), (Kind::Subscription, "events".to_owned())];
        let operations = Arc::new(Operations::new(fields, Duration::from_secs(30)));
        for number in 0..1_000 {
            let name = format!("invented{number}");
            operations.ticket(Kind::Query, Root::Field(&name)).begin();
        }
        operations.ticket(Kind::Query, Root::Several).begin();
        operations.ticket(Kind::Query, Root::Field("__schema")).begin();
        let mut asked = operations.ticket(Kind::Query, Root::Field("me"));
        asked.begin();
        asked.answered(["NOT_FOUND"].into_iter());
        drop(asked);
        let mut watching = operations.ticket(Kind::Subscription, Root::Field("events"));
        watching.over(Transport::WebSocket);
        watching.begin();
        watching.answered(std::iter::empty());
        let mut page = Page::default();
        operations.write(&mut page);
        let text = page.into_text();
        let samples: Vec<&str> =
            text.lines().filter(|line| line.starts_with("rialto_operations_total{")).collect();
        assert_eq!(samples.len(), 5, "{samples:#?}");
        for line in [
            "rialto_operations_total{kind=\"query\",field=\"unknown\",transport=\"http\"} 1000",
            "rialto_operation_errors_total{kind=\"query\",field=\"me\",code=\"NOT_FOUND\"} 1",
            "rialto_operation_errors_total{kind=\"query\",field=\"unknown\",code=\"CANCELLED\"} 1000",
            "rialto_operation_seconds_count{kind=\"query\",field=\"me\"} 1",
            "rialto_operations_under_way{kind=\"query\"} 0",
            "rialto_subscriptions{field=\"events\"} 1",
            "rialto_subscription_answers_total{field=\"events\"} 1",
        ] {
            assert!(text.lines().any(|seen| seen == line), "no `{line}` in\n{text}");
        }
    }
}
