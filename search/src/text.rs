//! How text is taken apart into words, for the embedded index and for highlights.
