//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

use super::catalogue::{Kind, Metric};
use super::instrument::{Histogram, Spread};

/// What is being written; metrics one after the other, each with all its samples.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    metric: &'static str,
}

/// Names and values of a sample's labels.
pub type Labels<'a> = &'a [(&'static str, &'a str)];

impl Page {
    /// Everything written so far.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Begins a metric; the samples that follow are its own.
    pub fn metric(&mut self, metric: &'static Metric) -> &mut Self {
        let Metric { name, kind, help, .. } = metric;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.metric = name;
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        self
    }

    /// A metric with one sample that has no labels.
    pub fn single(&mut self, metric: &'static Metric, value: impl Display) {
        self.metric(metric).sample(&[], value);
    }

    /// A sample of the metric that was begun.
    pub fn sample(&mut self, labels: Labels<'_>, value: impl Display) -> &mut Self {
        self.line("", labels, None, value);
        self
    }

    /// A metric with one histogram that has no labels.
    pub fn single_histogram(&mut self, metric: &'static Metric, histogram: &Histogram) {
        self.metric(metric).histogram(&[], &histogram.spread());
    }

    /// A histogram of the metric that was begun.
    pub fn histogram(&mut self, labels: Labels<'_>, spread: &Spread) -> &mut Self {
        for (end, count) in &spread.up_to {
            self.line("_bucket", labels, Some(&end.to_string()), count);
        }
        self.line("_bucket", labels, Some("+Inf"), spread.count);
        self.line("_sum", labels, None, spread.sum);
        self.line("_count", labels, None, spread.count);
        self
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, end: Option<&str>, value: impl Display) {
        self.text.push_str(self.metric);
        self.text.push_str(suffix);
        let all = labels.iter().copied().chain(end.map(|end| ("le", end)));
        let mut separator = '{';
        for (name, value) in all {
            self.text.push(separator);
            self.text.push_str(name);
            self.text.push_str("=\"");
            for character in value.chars() {
                match character {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    other => self.text.push(other),
                }
            }
            self.text.push('"');
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        self.put(format_args!(" {value}\n"));
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // A String takes everything.
        let _ = self.text.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::{OUTBOX_LAG_GROUPS, STORE_GROUP_COMMITS};
    use super::super::instrument::SIZES;
    use super::*;

    #[test]
    fn samples_are_written_as_the_format_says() {
        let mut page = Page::default();
        page.metric(&OUTBOX_LAG_GROUPS).sample(&[("consumer", "a\"b\\c\nd"), ("x", "")], 7);
        let histogram = Histogram::new(&SIZES);
        histogram.record(2);
        page.single_histogram(&STORE_GROUP_COMMITS, &histogram);
        let text = page.into_text();
        let name = OUTBOX_LAG_GROUPS.name;
        assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{text}");
        assert!(
            text.contains(&format!("{name}{{consumer=\"a\\\"b\\\\c\\nd\",x=\"\"}} 7\n")),
            "{text}"
        );
        for line in
            ["_bucket{le=\"1\"} 0", "_bucket{le=\"2\"} 1", "_bucket{le=\"+Inf\"} 1", "_sum 2"]
        {
            assert!(text.contains(&format!("{}{line}\n", STORE_GROUP_COMMITS.name)), "{text}");
        }
    }
}
