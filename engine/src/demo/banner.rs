//! What `rialto serve --demo` prints once it listens: addresses, tokens, a first query.

use std::fmt::Write as _;
use std::net::SocketAddr;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::DemoToken;
use crate::config::Config;

/// Shows a buyer what they talk about; every user can ask it.
pub const FIRST_QUERY: &str = "{
  viewer {
    name
    unreadCount
    conversations(first: 5) {
      nodes {
        id
        listing { title }
        messages(last: 3) { nodes { seq sender { name } body status } }
      }
    }
  }
}";

/// The text to print. `address` is where the engine listens; `colour` is for a terminal.
pub fn banner(config: &Config, address: SocketAddr, tokens: &[DemoToken], colour: bool) -> String {
    let style = Style { colour };
    let host = if address.ip().is_unspecified() || address.ip().is_loopback() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    };
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    if config.server.development {
        table.add_row(["GraphiQL", &format!("http://{host}/")]);
    }
    table.add_row(["GraphQL", &format!("http://{host}/graphql")]);
    table.add_row(["WebSocket", &format!("ws://{host}/graphql")]);
    table.add_row(["Data", &config.server.data_dir.display().to_string()]);

    let mut text = String::new();
    let title = style.bold(&format!("Rialto {}", env!("CARGO_PKG_VERSION")));
    let _ = writeln!(text, "\n{title} is listening.\n\n{table}");
    if tokens.is_empty() {
        return text;
    }
    let days = super::TOKEN_LIFETIME.num_days();
    let _ = writeln!(text, "\n{} (valid for {days} days)", style.bold("Tokens"));
    for DemoToken { part, name, token } in tokens {
        // The token stands alone on its line, so that a triple click copies it whole.
        let _ = writeln!(text, "\n{}, {name}:\n{token}", style.green(part));
    }
    let _ = writeln!(text, "\n{} with these headers:", style.bold("A first query"));
    text.push_str("{\"Authorization\": \"Bearer <the buyer's token>\"}\n\n");
    let _ = writeln!(text, "{FIRST_QUERY}\n\nControl-C stops it; a second one forces.");
    text
}

struct Style {
    colour: bool,
}

impl Style {
    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn green(&self, text: &str) -> String {
        self.paint("1;32", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_alone_on_their_lines() {
        let tokens = [("buyer", "aaa.bbb.ccc"), ("admin", "ddd.eee.fff")]
            .map(|(part, token)| DemoToken { part, name: "Somebody", token: token.into() });
        for colour in [false, true] {
            let text =
                banner(&Config::default(), SocketAddr::from(([0, 0, 0, 0], 4000)), &tokens, colour);
            for DemoToken { token, .. } in &tokens {
                assert!(text.lines().any(|line| line == token), "{token} in\n{text}");
            }
            assert_eq!(text.contains('\x1b'), colour, "colours only for a terminal");
            assert!(text.contains("http://localhost:4000/graphql"), "{text}");
        }
    }

    #[test]
    fn graphiql_is_only_promised_where_it_is_served() {
        let mut config = Config::default();
        config.server.development = false;
        let text = banner(&config, SocketAddr::from(([192, 0, 2, 7], 80)), &[], false);
        assert!(!text.contains("GraphiQL"), "{text}");
        assert!(text.contains("http://192.0.2.7:80/graphql"), "{text}");
    }
}
