//! What the operator can set.

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

/// The configuration, as `config.schema.json` describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// Hosts nobody may link to; each covers its subdomains.
    pub denied_hosts: Vec<String>,
    /// The operator's list, kept by the engine, of more such hosts; none unless it is named.
    pub denied_list: Option<String>,
    /// Hosts others imitate: the marketplace's own, its payment services and carriers.
    pub protected_hosts: Vec<String>,
    /// Hosts nothing is ever said of; each covers its subdomains.
    pub allowed_hosts: Vec<String>,
    /// Shorteners besides the built-in ones.
    pub shorteners: Vec<String>,
}

impl Config {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let lists = [
            ("deniedHosts", &self.denied_hosts),
            ("protectedHosts", &self.protected_hosts),
            ("allowedHosts", &self.allowed_hosts),
            ("shorteners", &self.shorteners),
        ];
        let mut problems = Vec::new();
        if self.denied_list.as_ref().is_some_and(|list| list.trim().is_empty()) {
            let problem = "must be the name of a list, or null for none";
            problems.push(ConfigProblem::new("/deniedList", problem));
        }
        for (name, hosts) in lists {
            for (index, host) in hosts.iter().enumerate() {
                let labels_fit = host.split('.').all(|label| !label.is_empty());
                if !labels_fit || !host.contains('.') || host.contains(['/', ':', '@', '*', ' ']) {
                    let problem = "must be a host name with a dot, such as `example.com`";
                    problems.push(ConfigProblem::new(format!("/{name}/{index}"), problem));
                }
            }
        }
        problems
    }
}
