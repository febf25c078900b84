//! Writes every cover into a folder, to look at them: `cargo run --example draw -- FOLDER`.

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    for (seed, scene) in (1u64..).zip(demo::art::Scene::ALL) {
        let path = format!("{folder}/{scene:?}.jpg");
        std::fs::write(&path, demo::art::draw(scene, seed)?)?;
        println!("{path}");
    }
    Ok(())
}
