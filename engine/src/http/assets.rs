//! The page to try queries on, served in development only. It loads GraphiQL from a public CDN.

use async_graphql::http::GraphiQLSource;
use axum::response::Html;

/// GraphiQL for `/graphql`; put the token into its "Headers" tab, it is used for subscriptions too.
pub async fn graphiql() -> Html<String> {
    Html(
        GraphiQLSource::build()
            .endpoint("/graphql")
            .subscription_endpoint("/graphql")
            .title("Rialto")
            .finish(),
    )
}
