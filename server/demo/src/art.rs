//! Cover images, drawn: each scene is a function from a canvas and a seed.

mod canvas;
mod scenes;

use canvas::Canvas;

/// What a cover shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Light beams over a crowd.
    Concert,
    /// A screen on a hill at night.
    OpenAirCinema,
    /// Stalls under strings of lights.
    NightMarket,
    /// Ridges in the morning mist.
    Mountains,
    /// Windows of a city, joined by lines.
    City,
    /// A record in lamp light.
    Vinyl,
    /// Vases by a window.
    Ceramics,
    /// The sun over a lake and a pier.
    Lake,
    /// Kites over a meadow.
    Kites,
    /// A curtain and a spotlight.
    Theatre,
    /// Leaves, from near.
    Garden,
    /// Snow, firs and lights.
    Winter,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Concert,
        Self::OpenAirCinema,
        Self::NightMarket,
        Self::Mountains,
        Self::City,
        Self::Vinyl,
        Self::Ceramics,
        Self::Lake,
        Self::Kites,
        Self::Theatre,
        Self::Garden,
        Self::Winter,
    ];
}

/// Draws a scene as a JPEG of 1600 × 900 pixels. The same seed gives the same image.
///
/// # Errors
/// When the encoder fails.
pub fn draw(scene: Scene, seed: u64) -> anyhow::Result<Vec<u8>> {
    let mut canvas = Canvas::new(1600, 900, seed);
    let paint = match scene {
        Scene::Concert => scenes::concert,
        Scene::OpenAirCinema => scenes::open_air_cinema,
        Scene::NightMarket => scenes::night_market,
        Scene::Mountains => scenes::mountains,
        Scene::City => scenes::city,
        Scene::Vinyl => scenes::vinyl,
        Scene::Ceramics => scenes::ceramics,
        Scene::Lake => scenes::lake,
        Scene::Kites => scenes::kites,
        Scene::Theatre => scenes::theatre,
        Scene::Garden => scenes::garden,
        Scene::Winter => scenes::winter,
    };
    paint(&mut canvas);
    canvas.grain(9.0);
    canvas.to_jpeg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_is_a_jpeg_and_the_same_every_time() {
        for scene in Scene::ALL {
            let first = draw(scene, 7).unwrap();
            assert_eq!(&first[..3], b"\xff\xd8\xff", "{scene:?}");
            assert_eq!(first, draw(scene, 7).unwrap(), "{scene:?}");
        }
    }
}
