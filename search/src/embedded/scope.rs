//! Who may find what: the one place that says so for the embedded index.

use crate::query::Scope;

/// What a document is to who is looking.
pub(super) trait Facts {
    fn whole(&self) -> bool;
    fn support(&self) -> bool;
    fn reader(&mut self) -> bool;
    fn participant(&mut self) -> bool;
}

/// Whether a message's document is found; `as_staff`: only what the viewer sees because they are staff.
pub(super) fn message(scope: &Scope, as_staff: bool, doc: &mut impl Facts) -> bool {
    match scope {
        Scope::User(_) => !as_staff && doc.reader(),
        Scope::Support(_) => doc.whole() && (doc.support() || !as_staff && doc.reader()),
        Scope::Everything(_) => {
            doc.whole() && (doc.support() || !doc.participant() || !as_staff && doc.reader())
        }
    }
}

/// Whether a conversation is found.
pub(super) fn conversation(scope: &Scope, doc: &mut impl Facts) -> bool {
    match scope {
        Scope::User(_) => doc.reader(),
        Scope::Support(_) => doc.support() || doc.reader(),
        Scope::Everything(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters: w whole, s support, r reader, p participant.
    struct Doc(&'static str);

    impl Facts for Doc {
        fn whole(&self) -> bool {
            self.0.contains('w')
        }
        fn support(&self) -> bool {
            self.0.contains('s')
        }
        fn reader(&mut self) -> bool {
            self.0.contains('r')
        }
        fn participant(&mut self) -> bool {
            self.0.contains('p')
        }
    }

    #[test]
    fn who_finds_what() {
        let user = || Scope::User("u".into());
        let support = || Scope::Support("u".into());
        let everything = || Scope::Everything("u".into());
        for (doc, found, as_staff) in [
            ("w", "E", "E"),
            ("wp", "", ""),
            ("wpr", "USE", ""),
            ("pr", "U", ""),
            ("p", "", ""),
            ("", "", ""),
            ("ws", "SE", "SE"),
            ("wsp", "SE", "SE"),
            ("wspr", "USE", "SE"),
            ("s", "", ""),
            ("spr", "U", ""),
        ] {
            for (letter, scope) in [('U', user()), ('S', support()), ('E', everything())] {
                assert_eq!(
                    message(&scope, false, &mut Doc(doc)),
                    found.contains(letter),
                    "{doc} {scope:?}"
                );
                assert_eq!(
                    message(&scope, true, &mut Doc(doc)),
                    as_staff.contains(letter),
                    "{doc} {scope:?} as staff"
                );
            }
        }
        for (doc, found) in [("", "E"), ("pr", "USE"), ("s", "SE"), ("spr", "USE")] {
            for (letter, scope) in [('U', user()), ('S', support()), ('E', everything())] {
                assert_eq!(
                    conversation(&scope, &mut Doc(doc)),
                    found.contains(letter),
                    "{doc} {scope:?}"
                );
            }
        }
    }
}
