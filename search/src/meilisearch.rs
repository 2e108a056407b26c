//! A Meilisearch server as the index.
