//! Connections over lists that are looked through: a page may be short or empty and still say where to go on.

/// Defines a connection, its edge and how a page is made of nodes with their cursors.
macro_rules! looked_through {
    ($(#[$meta:meta])* $connection:ident, $(#[$edge_meta:meta])* $edge:ident, $node:ident $(, $(#[$extra_meta:meta])* $extra:ident: $ty:ty)?) => {
        $(#[$edge_meta])*
        #[derive(Clone, async_graphql::SimpleObject)]
        pub struct $edge {
            /// Its place.
            cursor: String,
            /// What is there.
            node: $node,
        }

        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            $($(#[$extra_meta])* $extra: $ty,)?
            /// What is on the page and its places.
            edges: Vec<$edge>,
            /// What is on the page.
            nodes: Vec<$node>,
            /// Where the page stands.
            page_info: async_graphql::connection::PageInfo,
        }

        impl $connection {
            /// A page; `end`: where to go on, if there may be more.
            pub fn new(
                found: Vec<(String, $node)>,
                end: Option<String>,
                has_previous_page: bool,
                $($extra: $ty,)?
            ) -> Self {
                let edges: Vec<$edge> =
                    found.into_iter().map(|(cursor, node)| $edge { cursor, node }).collect();
                let page_info = async_graphql::connection::PageInfo {
                    has_previous_page,
                    has_next_page: end.is_some(),
                    start_cursor: edges.first().map(|edge| edge.cursor.clone()),
                    end_cursor: end.or_else(|| edges.last().map(|edge| edge.cursor.clone())),
                };
                let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
                Self { $($extra,)? edges, nodes, page_info }
            }
        }
    };
}
pub(crate) use looked_through;
