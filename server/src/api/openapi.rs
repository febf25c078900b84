//! The OpenAPI document: made from the handlers, finished here with what every call
//! shares, served with Swagger UI from files inside the program.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};
use types::{Code, FieldError, Problem, events::EventSort};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
        ResponseBuilder,
        path::Operation,
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{codes, problem::PROBLEM_JSON};

/// Where the document is.
pub const DOCUMENT: &str = "/api/openapi.json";
/// Where people read it.
pub const DOCS: &str = "/api/docs";
/// What the documentation's pages may load: their own files, and the styles that
/// Swagger UI writes into elements.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The beginning: who we are and how a client proves itself.
pub fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("EventSphere")
        .version("1")
        .description(Some(include_str!("openapi.md")));
    let mut components = Components::new();
    components.add_security_scheme("bearer", bearer());
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("session"))),
    );
    add_schema::<Problem>(&mut components);
    add_schema::<FieldError>(&mut components);
    add_schema::<Code>(&mut components);
    // Named by query parameters, which bring no schemas with them.
    add_schema::<EventSort>(&mut components);
    components
        .responses
        .insert("Problem".into(), problem().into());
    let credentials = [
        SecurityRequirement::default(),
        SecurityRequirement::new::<_, _, String>("bearer", []),
        SecurityRequirement::new::<_, _, String>("session", []),
    ];
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components))
        .security(Some(credentials))
        .build()
}

fn bearer() -> SecurityScheme {
    SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build(),
    )
}

fn add_schema<T: ToSchema + PartialSchema>(components: &mut Components) {
    components
        .schemas
        .insert(T::name().into_owned(), T::schema());
}

fn problem() -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description("The request was refused; `code` says why.")
        .content(PROBLEM_JSON, content)
        .build()
}

/// Adds to every call what all of them share: how it is refused, and an id that
/// generated clients can name a method after.
pub fn finish(mut document: OpenApi) -> OpenApi {
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            let refused = RefOr::Ref(Ref::from_response_name("Problem"));
            operation
                .responses
                .responses
                .entry("default".into())
                .or_insert(refused);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

/// The whole document.
pub fn document() -> OpenApi {
    finish(super::calls().into_openapi())
}

/// The document and its pages.
pub fn router(document: OpenApi) -> Router {
    let text: Arc<str> = finish(document).to_json().unwrap_or_default().into();
    let json = get(move || async move {
        (
            [(header::CONTENT_TYPE, "application/json")],
            text.to_string(),
        )
            .into_response()
    });
    let pages = SwaggerUi::new(DOCS).config(
        Config::from(DOCUMENT)
            .try_it_out_enabled(true)
            .persist_authorization(false),
    );
    let pages = Router::from(pages)
        .route(codes::PAGE, get(codes::page))
        .layer(middleware::from_fn(docs_policy));
    Router::new().route(DOCUMENT, json).merge(pages)
}

async fn docs_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(DOCS_POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
