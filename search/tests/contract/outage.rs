//! What the network and operators do to a Meilisearch server.
