//! What both indexes are set up with: typing errors allowed, synonyms, attributes; read from schema/search.
