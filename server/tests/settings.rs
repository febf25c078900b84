//! Settings: where they come from, who wins, what is refused.

use std::{
    io::Write,
    process::{Command, Output},
};

use clap::FromArgMatches;
use server::config::{self, Config};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn parse(flags: &[&str]) -> Config {
    let matches = config::command().get_matches_from([&["server"], flags].concat());
    Config::from_arg_matches(&matches).unwrap()
}

fn whole(extra: &[&str]) -> Config {
    let flags = [
        "--addr=127.0.0.1:3000",
        "--database-url=postgres://u:hidden-1@h/d",
        "--mongodb-url=mongodb://u:hidden-2@h",
        "--kafka-brokers=h:9092",
        "--s3-endpoint=http://h:9000",
        "--s3-access-key=hidden-3",
        "--s3-secret-key=hidden-4",
        "--limits=production",
        "--public-url=",
        "--media-url=/media",
        "--payments=simulator",
        "--mail=mailbox",
    ];
    let secret = format!("--token-secret={SECRET}");
    let mut all = flags.to_vec();
    if !extra.iter().any(|flag| flag.starts_with("--token-secret")) {
        all.push(&secret);
    }
    all.retain(|flag| {
        !extra
            .iter()
            .any(|new| new.split('=').next() == flag.split('=').next())
    });
    parse(&[&all[..], extra].concat())
}

fn refusal(extra: &[&str]) -> String {
    whole(extra).check().unwrap_err().to_string()
}

#[test]
fn whole_settings_are_taken_and_the_address_gives_the_public_url() {
    let config = whole(&[]);
    config.check().unwrap();
    assert_eq!(config.public_url(), "http://127.0.0.1:3000");
}

#[test]
fn bad_values_are_refused_by_name() {
    for (flag, name) in [
        ("--token-secret=short", "TOKEN_SECRET"),
        ("--public-url=tickets.example.org", "PUBLIC_URL"),
        (
            "--public-url=https://tickets.example.org/path",
            "PUBLIC_URL",
        ),
        ("--database-url=mysql://x", "DATABASE_URL"),
        ("--mongodb-url=http://x", "MONGODB_URL"),
        ("--s3-endpoint=h:9000", "S3_ENDPOINT"),
        ("--hold-minutes=0", "HOLD_MINUTES"),
        ("--simulator-failure-rate=101", "SIMULATOR_FAILURE_RATE"),
        ("--media-url=/media/", "MEDIA_URL"),
        ("--kafka-brokers=", "KAFKA_BROKERS"),
        ("--cors-origins=*", "CORS_ORIGINS"),
        ("--cors-origins=https://app.example.org/", "CORS_ORIGINS"),
        ("--time-zone=Berlin", "TIME_ZONE"),
        ("--time-zone=", "TIME_ZONE"),
    ] {
        let text = refusal(&[flag]);
        assert!(
            text.contains(&format!("EVENTSPHERE_{name}")),
            "{flag}: {text}"
        );
        assert_eq!(text.lines().count(), 2, "{flag}: {text}");
    }
}

#[test]
fn the_installations_zone_and_friends_are_taken() {
    let config = whole(&[
        "--time-zone=Europe/Berlin",
        "--cors-origins=https://app.example.org,http://localhost:5173",
    ]);
    config.check().unwrap();
    assert_eq!(
        config.settings().time_zone.iana_name(),
        Some("Europe/Berlin")
    );
    assert!(server::web::Edge::of(&config).is_ok());
}

#[test]
fn development_secrets_stay_in_development() {
    let dev = format!("--token-secret=dev-{SECRET}");
    whole(&[&dev]).check().unwrap();
    assert!(refusal(&[&dev, "--public-url=https://tickets.example.org"]).contains("TOKEN_SECRET"));
}

/// A site on the internet must say that it moves no money.
#[test]
fn an_https_site_names_its_payment_provider() {
    let https = "--public-url=https://tickets.example.org";
    let unnamed = "--payments=";
    whole(&[unnamed]).check().unwrap();
    assert!(refusal(&[https, unnamed]).contains("EVENTSPHERE_PAYMENTS"));
    whole(&[https, "--payments=simulator"]).check().unwrap();
    let (stripe, key) = ("--payments=stripe", "--stripe-secret-key=sk_live_x");
    whole(&[https, stripe, key]).check().unwrap();
    assert!(refusal(&[stripe]).contains("STRIPE_SECRET_KEY: is required"));
    for (flag, name) in [
        ("--payments=paypal", "PAYMENTS"),
        ("--stripe-secret-key=pk_live_x", "STRIPE_SECRET_KEY"),
        ("--stripe-webhook-secret=x", "STRIPE_WEBHOOK_SECRET"),
        ("--stripe-api-url=http://127.0.0.1:1", "STRIPE_API_URL"),
    ] {
        let mut flags = vec![https, stripe, key];
        flags.retain(|given| given.split('=').next() != flag.split('=').next());
        flags.push(flag);
        assert!(refusal(&flags).contains(name), "{flag}");
    }
}

/// A site on the internet must say that it sends no mails.
#[test]
fn an_https_site_names_what_becomes_of_mails() {
    let https = "--public-url=https://tickets.example.org";
    let unnamed = "--mail=";
    whole(&[unnamed]).check().unwrap();
    assert!(refusal(&[https, unnamed]).contains("EVENTSPHERE_MAIL: is required"));
    whole(&[https]).check().unwrap();
    let smtp = "--mail=smtp";
    let server = "--smtp-url=smtps://tickets:hidden@mail.example.org:465";
    let from = "--mail-from=EventSphere <tickets@example.org>";
    whole(&[https, smtp, server, from]).check().unwrap();
    let text = refusal(&[smtp]);
    for name in ["SMTP_URL: is required", "MAIL_FROM: is required"] {
        assert!(text.contains(name), "{text}");
    }
    for (flag, name) in [
        ("--mail=pigeon", "EVENTSPHERE_MAIL:"),
        ("--smtp-url=https://hidden@mail.example.org", "SMTP_URL"),
        (
            "--smtp-url=smtp://tickets:hidden@mail.example.org:587",
            "SMTP_URL",
        ),
        ("--mail-from=EventSphere", "MAIL_FROM"),
    ] {
        let mut flags = vec![https, smtp, server, from];
        flags.retain(|given| given.split('=').next() != flag.split('=').next());
        flags.push(flag);
        let text = refusal(&flags);
        assert!(text.contains(name) && !text.contains("hidden"), "{text}");
    }
    let starttls = "--smtp-url=smtp://tickets:hidden@mail.example.org:587?tls=required";
    whole(&[https, smtp, starttls, from]).check().unwrap();
    whole(&[smtp, "--smtp-url=smtp://127.0.0.1:1025", from])
        .check()
        .unwrap();
}

#[test]
fn only_live_keys_move_money() {
    let is_real = |flags: &[&str]| whole(flags).engines().payments.is_real();
    assert!(!is_real(&[]));
    let stripe = "--payments=stripe";
    assert!(!is_real(&[stripe, "--stripe-secret-key=sk_test_x"]));
    assert!(is_real(&[stripe, "--stripe-secret-key=rk_live_x"]));
}

#[test]
fn secrets_are_not_printed() {
    let config = whole(&[
        "--payments=stripe",
        "--stripe-secret-key=sk_hidden-5",
        "--stripe-webhook-secret=whsec_hidden-6",
        "--mail=smtp",
        "--smtp-url=smtps://u:hidden-7@h",
        "--mail-from=tickets@example.org",
    ]);
    let text = format!("{config:?} {:?}", config.engines());
    assert!(!text.contains("hidden") && !text.contains(SECRET), "{text}");
}

/// The program with nothing set but this.
fn server(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied());
    command.output().unwrap()
}

fn settings_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file =
        settings_file("# mine\nEVENTSPHERE_HOLD_MINUTES=0\nEVENTSPHERE_SESSION_DAYS=\"0\"\n");
    let path = file.path().to_str().unwrap();
    let complaint = |flags: &[&str], environment: &[(&str, &str)]| {
        let output = server(&[&["serve", "--config", path], flags].concat(), environment);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = complaint(&[], &[]);
    assert!(
        text.contains("HOLD_MINUTES") && text.contains("SESSION_DAYS"),
        "{text}"
    );
    let text = complaint(&[], &[("EVENTSPHERE_HOLD_MINUTES", "5")]);
    assert!(
        !text.contains("HOLD_MINUTES") && text.contains("SESSION_DAYS"),
        "{text}"
    );
    let text = complaint(
        &["--hold-minutes", "0"],
        &[("EVENTSPHERE_HOLD_MINUTES", "5")],
    );
    assert!(text.contains("HOLD_MINUTES"), "{text}");
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let output = server(&["serve"], &[]);
    let text = String::from_utf8(output.stderr).unwrap();
    for name in [
        "DATABASE_URL",
        "MONGODB_URL",
        "KAFKA_BROKERS",
        "S3_ENDPOINT",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "TOKEN_SECRET",
    ] {
        assert!(
            text.contains(&format!("EVENTSPHERE_{name}: is required")),
            "{text}"
        );
    }
}

#[test]
fn unknown_settings_and_values_of_the_wrong_kind_are_named() {
    let file = settings_file("EVENTSPHERE_HOLD_MINUTE=5\n");
    let output = server(&["serve", "--config", file.path().to_str().unwrap()], &[]);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("EVENTSPHERE_HOLD_MINUTE ")
    );
    let output = server(&["serve"], &[("EVENTSPHERE_HOLD_MINUTES", "soon")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("hold-minutes") && text.contains("soon"),
        "{text}"
    );
}

#[test]
fn the_printed_document_and_settings_are_whole() {
    let output = server(&["openapi"], &[]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        document,
        serde_json::to_value(server::api::openapi::document()).unwrap()
    );
    let output = server(&["settings"], &[]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        config::example(&config::command())
    );
}
