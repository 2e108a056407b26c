//! Properties of every decision, over random tables and signals.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// A random table over few signals, so that rows, groups and sums meet.
fn any_table() -> impl Strategy<Value = String> {
    let signal = prop::sample::select(vec!["a.x", "a.y", "a.*", "b.x", "b.*", "c.z"]);
    let actions = vec!["deliver", "label", "warn", "mask", "hold", "refuse", "shadow"];
    let action = prop::sample::select(actions);
    let row = (signal, 0_u8..=10, action.clone(), any::<bool>());
    let parts = (
        prop::collection::vec(row, 0..6),
        prop::collection::vec((1_u8..60, action), 0..4),
        prop::option::of(1_u8..40),
        0_u8..50,
    );
    parts.prop_map(|(rows, sums, cap, weight)| {
        let tenth = |number: u8| f32::from(number) / 10.0;
        let mut text = format!("failure_notice = 'f'\n[weights]\n'a.x' = {}\n", tenth(weight));
        let mut add = |part: std::fmt::Arguments<'_>| text.write_fmt(part).expect("memory");
        for (signal, confidence, action, direct) in rows {
            add(format_args!("[[row]]\nsignal = '{signal}'\n{}", consequence(action)));
            add(format_args!("min_confidence = {}\n", tenth(confidence)));
            if direct {
                add(format_args!("conversation_kinds = ['direct']\n"));
            }
        }
        for (at_least, action) in sums {
            add(format_args!("[[sum]]\nat_least = {}\n{}", tenth(at_least), consequence(action)));
        }
        if let Some(cap) = cap {
            add(format_args!("[[group]]\nname = 'g'\nsignals = ['a.*', 'c.z']\n"));
            add(format_args!("cap = {}\n", tenth(cap)));
        }
        text
    })
}

fn consequence(action: &str) -> String {
    let notice = matches!(action, "mask" | "hold" | "refuse");
    let notice = if notice { "notice = 'n'\n" } else { "" };
    let warning = if action == "warn" { "warning = 'w'\n" } else { "" };
    format!("action = '{action}'\n{notice}{warning}")
}

/// Tables with rows that are never reached are refused, which leaves enough of the others.
fn any_policy() -> impl Strategy<Value = Policy> {
    any_table().prop_filter_map("ambiguous", |text| Policy::parse(&text, 7).ok())
}

fn any_signal() -> impl Strategy<Value = RecordedSignal> {
    let borders: Vec<u32> =
        TEXT.char_indices().map(|(at, _)| u32::try_from(at).expect("short")).collect();
    let spans = prop::collection::vec((prop::sample::select(borders), 0_u32..12), 0..6);
    let ids = vec!["a.x", "a.y", "a.z", "b.x", "b.y", "c.z", "z.unknown", FAILED];
    let signal = (prop::sample::select(ids), 0.0_f32..=1.0, 0.0_f32..=3.0, spans);
    signal.prop_map(|(id, confidence, weight, spans)| {
        let spans: Vec<_> = spans
            .into_iter()
            .map(|(start, len)| {
                let mut end = (start + len).min(u32::try_from(TEXT.len()).expect("short"));
                while !TEXT.is_char_boundary(end as usize) {
                    end -= 1;
                }
                (start, end.max(start))
            })
            .collect();
        RecordedSignal { weight, ..found(id, confidence, &spans) }
    })
}

fn any_signals() -> impl Strategy<Value = Vec<RecordedSignal>> {
    prop::collection::vec(any_signal(), 1..12)
}

fn any_kind() -> impl Strategy<Value = ConversationKind> {
    prop::sample::select(vec![Direct, Support])
}

/// The action of one signal's row alone, without sums.
fn by_row(policy: &Policy, kind: ConversationKind, signal: &RecordedSignal) -> Action {
    if signal.id == FAILED {
        return Hold;
    }
    policy.row(signal, &at(kind)).map_or(Deliver, |(_, row)| row.action)
}

fn by_sums(policy: &Policy, total: u64) -> Action {
    let fit = policy.sums.iter().filter(|sum| total >= points(sum.at_least));
    fit.map(|sum| sum.consequence.action).max().unwrap_or(Deliver)
}

fn hides(mask: &[Span], at: usize) -> bool {
    mask.iter().any(|span| (span.start as usize..span.end as usize).contains(&at))
}

proptest! {
    #[test]
    fn the_strictest_of_rows_and_sums_wins_in_any_order(
        policy in any_policy(),
        (signals, shuffled) in any_signals().prop_flat_map(|signals| {
            (Just(signals.clone()), Just(signals).prop_shuffle())
        }),
        kind in any_kind(),
    ) {
        let decided = policy.decide(&at(kind), signals.clone()).expect("signals give a verdict");
        let rows = signals.iter().map(|signal| by_row(&policy, kind, signal)).max().expect("one");
        let expected = rows.max(by_sums(&policy, policy.total(&signals)));
        prop_assert_eq!(decided.verdict.action, expected, "the strictest of rows and sums");
        let caused = decided.caused.iter().copied().max().expect("one");
        prop_assert_eq!(caused, expected, "somebody caused it");

        let again = policy.decide(&at(kind), shuffled).expect("a verdict").verdict;
        let verdict = decided.verdict;
        prop_assert_eq!(
            (again.action, again.mask, again.notice, again.warning),
            (verdict.action, verdict.mask, verdict.notice, verdict.warning),
            "the order of signals makes no difference"
        );
    }

    #[test]
    fn caps_never_raise_a_sum_and_bound_their_group(
        policy in any_policy(),
        signals in any_signals(),
    ) {
        let free = Policy { groups: Vec::new(), ..policy.clone() };
        prop_assert!(policy.total(&signals) <= free.total(&signals));
        for group in &policy.groups {
            let member = |id: &str| group.signals.iter().any(|pattern| pattern.matches(id));
            let inside: Vec<_> = signals.iter().filter(|it| member(&it.id)).cloned().collect();
            prop_assert!(policy.total(&inside) <= points(group.cap));
        }
    }

    #[test]
    fn sums_never_fall_when_a_filter_is_surer_or_finds_more(
        policy in any_policy(),
        signals in any_signals(),
        surer in any::<prop::sample::Index>(),
        confidence in 0.0_f32..=1.0,
    ) {
        let before = policy.total(&signals);
        let mut after = signals.clone();
        let place = surer.index(signals.len());
        after[place].confidence = after[place].confidence.max(confidence);
        prop_assert!(policy.total(&after) >= before, "surer");
        after.push(signals[place].clone());
        prop_assert!(policy.total(&after) >= before, "more");
        prop_assert!(by_sums(&policy, policy.total(&after)) >= by_sums(&policy, before));
    }

    #[test]
    fn an_exception_above_the_rules_frees_its_signal_from_every_row(
        table in any_table(),
        confidence in 0.0_f32..=1.0,
        kind in any_kind(),
    ) {
        let exception = "[[row]]\nsignal = 'a.y'\naction = 'deliver'\n";
        let first = table.find("[[").unwrap_or(table.len());
        let text = format!("{}{exception}{}", &table[..first], &table[first..]);
        let Ok(policy) = Policy::parse(&text, 1) else { return Err(TestCaseError::reject("ambiguous")) };
        let signal = RecordedSignal { weight: 0.0, ..found("a.y", confidence, &[(0, 4)]) };
        let decided = policy.decide(&at(kind), vec![signal]).expect("a verdict");
        prop_assert_eq!(decided.verdict.action, Deliver);
        prop_assert!(decided.verdict.mask.is_empty());
    }

    #[test]
    fn masks_are_sorted_apart_in_the_text_and_hide_exactly_their_spans(
        policy in any_policy(),
        signals in any_signals(),
        kind in any_kind(),
    ) {
        let verdict = policy.decide(&at(kind), signals.clone()).expect("a verdict").verdict;
        let mask = &verdict.mask;
        let mut end = None;
        for span in mask {
            prop_assert!(span.start < span.end && end.is_none_or(|end| end < span.start), "{:?}", mask);
            let inside = TEXT.get(span.start as usize..span.end as usize).is_some();
            prop_assert!(inside, "{:?} is in bounds and on borders", span);
            end = Some(span.end);
        }
        let masking = |signal: &&RecordedSignal| by_row(&policy, kind, signal) == Mask;
        for span in signals.iter().filter(masking).flat_map(|signal| &signal.spans) {
            let hidden = (span.start..span.end).all(|at| hides(mask, at as usize));
            prop_assert!(hidden, "{:?} is hidden by {:?}", span, mask);
        }
        let masked = crate::domain::verdict::mask(TEXT, mask);
        prop_assert_eq!(masked.chars().count(), TEXT.chars().count());
        for ((at, before), after) in TEXT.char_indices().zip(masked.chars()) {
            let hidden = hides(mask, at) && !before.is_whitespace();
            prop_assert_eq!(after, if hidden { '•' } else { before }, "at {}", at);
        }
        let told = matches!(verdict.action, Mask | Hold | Refuse);
        prop_assert_eq!(verdict.notice.is_some(), told, "the sender is told why");
    }

    #[test]
    fn masking_survives_any_spans(
        text in ".{0,40}",
        spans in prop::collection::vec((0_u32..60, 0_u32..60), 0..6),
    ) {
        let spans: Vec<Span> = spans.into_iter().map(|(start, end)| Span { start, end }).collect();
        let masked = crate::domain::verdict::mask(&text, &spans);
        prop_assert_eq!(masked.chars().count(), text.chars().count(), "a bullet per character");
    }
}
