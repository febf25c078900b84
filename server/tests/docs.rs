//! The API's documentation.

use testkit::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_document_is_served_as_it_is_printed() {
    let app = TestApp::start().await;
    let served = app.get("/api/openapi.json").send().await.expect(200).json();
    let printed = serde_json::to_value(server::api::openapi::document()).unwrap();
    assert_eq!(served, printed);
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn every_call_says_what_it_does_and_how_it_fails() {
    let document = serde_json::to_value(server::api::openapi::document()).unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let call = format!("{method} {path}");
            assert!(
                operation["summary"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{call} has no summary"
            );
            assert!(
                operation["tags"]
                    .as_array()
                    .is_some_and(|tags| !tags.is_empty()),
                "{call} has no tag"
            );
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert!(
                !id.is_empty() && ids.insert(id.clone()),
                "{call}: the id {id:?} is empty or taken"
            );
            assert!(
                operation["responses"]["default"].is_object(),
                "{call} does not say how it fails"
            );
        }
    }
    assert!(ids.len() > 25, "only {} calls are documented", ids.len());
}

/// Handlers come in through `routes!`, which documents them; `.route(` would not.
#[test]
fn no_call_is_undocumented() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("openapi.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains(".route("), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn references_of_the_document_lead_somewhere() {
    let document = serde_json::to_value(server::api::openapi::document()).unwrap();
    let text = document.to_string();
    for reference in text
        .split("\"$ref\":\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_docs_need_no_other_server() {
    let app = TestApp::start().await;
    let page = app
        .get("/api/docs/")
        .header("accept", "text/html")
        .send()
        .await
        .expect(200);
    assert!(
        page.header("content-security-policy")
            .contains("script-src 'self'")
    );
    let text = page.text();
    for part in text
        .split(['"', '\''])
        .filter(|part| part.ends_with(".js") || part.ends_with(".css"))
    {
        assert!(!part.contains("://"), "{part}");
        let path = format!("/api/docs/{}", part.trim_start_matches("./"));
        app.get(&path).send().await.expect(200);
    }
    assert!(
        !text.contains("<script>"),
        "the policy refuses inline scripts"
    );
    let start = app
        .get("/api/docs/swagger-initializer.js")
        .send()
        .await
        .expect(200)
        .text();
    assert!(start.contains("/api/openapi.json"), "{start}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_type_of_a_problem_leads_to_its_explanation() {
    let app = TestApp::start().await;
    let link = app.get("/api/v1/nothing").send().await.json()["type"]
        .as_str()
        .unwrap()
        .to_owned();
    let (page, code) = link.split_once('#').unwrap();
    let page = app.get(page).send().await.expect(200).text();
    assert!(page.contains(&format!("id=\"{code}\"")), "{link}");
}
