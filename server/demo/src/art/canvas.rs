//! Drawing primitives: gradients, glows, ridges, crowds, strings of lights, grain.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LinearGradient, Paint, PathBuilder, Pixmap,
    Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Red, green, blue as `0xRRGGBB`.
pub type Rgb = u32;

fn color(rgb: Rgb, alpha: f32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    let mut color = Color::from_rgba8(r, g, b, 255);
    color.set_alpha(alpha.clamp(0.0, 1.0));
    color
}

/// A picture being drawn, with its own repeatable dice.
pub struct Canvas {
    pixmap: Pixmap,
    dice: u64,
    /// Pixels.
    pub w: f32,
    /// Pixels.
    pub h: f32,
}

impl Canvas {
    /// An empty picture.
    pub fn new(width: u16, height: u16, seed: u64) -> Self {
        #[expect(clippy::expect_used, reason = "both sides are positive 16-bit numbers")]
        let pixmap =
            Pixmap::new(width.max(1).into(), height.max(1).into()).expect("a size that fits");
        Self {
            pixmap,
            dice: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            w: width.into(),
            h: height.into(),
        }
    }

    /// The next number from 0 up to 1 (splitmix64).
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit a float exactly")]
    pub fn roll(&mut self) -> f32 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A number between two.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }

    /// One of several.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "small index"
    )]
    pub fn pick(&mut self, from: &[Rgb]) -> Rgb {
        let index = (self.roll() * from.len() as f32) as usize;
        from[index.min(from.len() - 1)]
    }

    fn fill(&mut self, path: PathBuilder, shader: Shader<'_>, blend: BlendMode) {
        let Some(path) = path.finish() else { return };
        let paint = Paint {
            shader,
            blend_mode: blend,
            anti_alias: true,
            ..Paint::default()
        };
        self.pixmap.fill_path(
            &path,
            &paint,
            FillRule::Winding,
            Transform::identity(),
            None,
        );
    }

    /// A vertical gradient over a band, stops from 0 (top) to 1 (bottom).
    pub fn band(&mut self, top: f32, bottom: f32, stops: &[(f32, Rgb)]) {
        let stops = stops
            .iter()
            .map(|(at, rgb)| GradientStop::new(*at, color(*rgb, 1.0)))
            .collect();
        let shader = LinearGradient::new(
            Point::from_xy(0.0, top),
            Point::from_xy(0.0, bottom),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        let (Some(shader), Some(rect)) = (shader, Rect::from_ltrb(0.0, top, self.w, bottom)) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.fill(path, shader, BlendMode::SourceOver);
    }

    /// Light that falls off from a point; adds up.
    pub fn glow(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, strength: f32) {
        self.radial(x, y, radius, rgb, strength, BlendMode::Screen);
    }

    /// Darkness or mist that falls off from a point.
    pub fn haze(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, strength: f32) {
        self.radial(x, y, radius, rgb, strength, BlendMode::SourceOver);
    }

    fn radial(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, strength: f32, blend: BlendMode) {
        let at = Point::from_xy(x, y);
        let stops = vec![
            GradientStop::new(0.0, color(rgb, strength)),
            GradientStop::new(0.35, color(rgb, strength * 0.45)),
            GradientStop::new(1.0, color(rgb, 0.0)),
        ];
        let shader = RadialGradient::new(
            at,
            at,
            radius,
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        let (Some(shader), Some(rect)) = (
            shader,
            Rect::from_ltrb(x - radius, y - radius, x + radius, y + radius),
        ) else {
            return;
        };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.fill(path, shader, blend);
    }

    /// A disc.
    pub fn disc(&mut self, x: f32, y: f32, radius: f32, rgb: Rgb, alpha: f32) {
        let mut path = PathBuilder::new();
        path.push_circle(x, y, radius);
        self.fill(
            path,
            Shader::SolidColor(color(rgb, alpha)),
            BlendMode::SourceOver,
        );
    }

    /// A filled polygon.
    pub fn shape(&mut self, points: &[(f32, f32)], rgb: Rgb, alpha: f32) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        path.close();
        self.fill(
            path,
            Shader::SolidColor(color(rgb, alpha)),
            BlendMode::SourceOver,
        );
    }

    /// A closed smooth outline through `points`.
    pub fn blob(&mut self, points: &[(f32, f32)], rgb: Rgb, alpha: f32) {
        let Some(last) = points.last() else { return };
        let middle =
            |a: (f32, f32), b: (f32, f32)| (f32::midpoint(a.0, b.0), f32::midpoint(a.1, b.1));
        let mut path = PathBuilder::new();
        let start = middle(*last, points[0]);
        path.move_to(start.0, start.1);
        for (index, point) in points.iter().enumerate() {
            let end = middle(*point, points[(index + 1) % points.len()]);
            path.quad_to(point.0, point.1, end.0, end.1);
        }
        path.close();
        self.fill(
            path,
            Shader::SolidColor(color(rgb, alpha)),
            BlendMode::SourceOver,
        );
    }

    /// A rectangle.
    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, rgb: Rgb, alpha: f32) {
        self.shape(
            &[(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
            rgb,
            alpha,
        );
    }

    /// A line with round ends.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, rgb: Rgb, alpha: f32) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        let Some(path) = path.finish() else { return };
        let paint = Paint {
            shader: Shader::SolidColor(color(rgb, alpha)),
            anti_alias: true,
            ..Paint::default()
        };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            ..Stroke::default()
        };
        self.pixmap
            .stroke_path(&path, &paint, &stroke, Transform::identity(), None);
    }

    /// A ring.
    pub fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, rgb: Rgb, alpha: f32) {
        let Some(path) = PathBuilder::from_circle(x, y, radius) else {
            return;
        };
        let paint = Paint {
            shader: Shader::SolidColor(color(rgb, alpha)),
            anti_alias: true,
            ..Paint::default()
        };
        self.pixmap.stroke_path(
            &path,
            &paint,
            &Stroke {
                width,
                ..Stroke::default()
            },
            Transform::identity(),
            None,
        );
    }

    /// A cone of light from a point towards another, fading on its way.
    pub fn beam(&mut self, from: (f32, f32), to: (f32, f32), spread: f32, rgb: Rgb, strength: f32) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy).max(1.0);
        let (nx, ny) = (-dy / length * spread, dx / length * spread);
        let stops = vec![
            GradientStop::new(0.0, color(rgb, strength)),
            GradientStop::new(1.0, color(rgb, 0.0)),
        ];
        let shader = LinearGradient::new(
            Point::from_xy(from.0, from.1),
            Point::from_xy(to.0, to.1),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        let Some(shader) = shader else { return };
        let mut path = PathBuilder::new();
        path.move_to(from.0 - nx * 0.06, from.1 - ny * 0.06);
        path.line_to(from.0 + nx * 0.06, from.1 + ny * 0.06);
        path.line_to(to.0 + nx, to.1 + ny);
        path.line_to(to.0 - nx, to.1 - ny);
        path.close();
        self.fill(path, shader, BlendMode::Screen);
    }

    /// A range of hills: noise of several octaves around `base`, filled to the bottom.
    pub fn ridge(&mut self, base: f32, height: f32, waves: f32, rgb: Rgb) {
        let phases: Vec<f32> = (0..5).map(|_| self.between(0.0, 6.3)).collect();
        let mut points = vec![(0.0, self.h)];
        for step in 0u16..=200 {
            let x = f32::from(step) / 200.0;
            let mut y = 0.0;
            let (mut amplitude, mut frequency) = (0.55, waves);
            for phase in &phases {
                y += amplitude * (x * frequency * std::f32::consts::TAU + phase).sin();
                amplitude *= 0.48;
                frequency *= 2.1;
            }
            points.push((x * self.w, base - y * height));
        }
        points.push((self.w, self.h));
        self.shape(&points, rgb, 1.0);
    }

    /// People from behind: heads, shoulders, some arms in the air.
    pub fn crowd(&mut self, y: f32, size: f32, rgb: Rgb, cheering: f32) {
        let mut x = -size;
        while x < self.w + size {
            let lift = self.between(-0.35, 0.35) * size;
            let (cx, cy, r) = (x, y + lift, size * self.between(0.3, 0.38));
            let body = [
                (cx - size * 0.75, self.h + size),
                (cx - size * 0.62, cy + size * 0.75),
                (cx, cy + size * 0.42),
                (cx + size * 0.62, cy + size * 0.75),
                (cx + size * 0.75, self.h + size),
            ];
            self.blob(&body, rgb, 1.0);
            self.rect(
                cx - size * 0.62,
                cy + size * 0.9,
                size * 1.24,
                self.h,
                rgb,
                1.0,
            );
            self.disc(cx, cy, r, rgb, 1.0);
            if self.roll() < cheering {
                let side = if self.roll() < 0.5 { -1.0 } else { 1.0 };
                let hand = (
                    cx + side * size * self.between(0.4, 0.8),
                    cy - size * self.between(0.9, 1.5),
                );
                let shoulder = (cx + side * size * 0.45, cy + size * 0.7);
                self.line(&[shoulder, hand], size * 0.2, rgb, 1.0);
                self.disc(hand.0, hand.1, size * 0.14, rgb, 1.0);
            }
            x += size * self.between(0.85, 1.25);
        }
    }

    /// A sagging string of lamps between two points.
    pub fn lights(&mut self, from: (f32, f32), to: (f32, f32), sag: f32, lamps: u16, rgb: Rgb) {
        let at = |t: f32| {
            (
                from.0 + (to.0 - from.0) * t,
                from.1 + (to.1 - from.1) * t + sag * 4.0 * t * (1.0 - t),
            )
        };
        let wire: Vec<_> = (0u16..=40).map(|step| at(f32::from(step) / 40.0)).collect();
        self.line(&wire, 2.0, 0x0014_0f16, 0.8);
        for lamp in 0..lamps {
            let (x, y) = at((f32::from(lamp) + 0.5) / f32::from(lamps));
            self.glow(x, y + 8.0, 70.0, rgb, 0.5);
            self.disc(x, y + 8.0, 6.5, 0x00ff_f6df, 1.0);
        }
    }

    /// Stars above a line.
    pub fn stars(&mut self, count: u16, down_to: f32) {
        for _ in 0..count {
            let (x, y) = (self.between(0.0, self.w), self.between(0.0, down_to));
            let (r, a) = (self.between(0.6, 1.9), self.between(0.25, 0.9));
            self.disc(x, y, r, 0x00ff_f8ec, a);
        }
    }

    /// Streaks of light on water below a line.
    pub fn water(&mut self, top: f32, x: f32, rgb: Rgb) {
        for row in 0u16..70 {
            let depth = f32::from(row) / 70.0;
            let y = top + depth * depth * (self.h - top);
            for _ in 0..5 {
                let length = self.between(20.0, 160.0) * (0.4 + depth);
                let cx = x + self.between(-1.0, 1.0) * (50.0 + 420.0 * depth);
                let alpha = self.between(0.04, 0.4) * (1.0 - depth * 0.6);
                self.line(
                    &[(cx - length, y), (cx + length, y)],
                    1.2 + 3.0 * depth,
                    rgb,
                    alpha,
                );
            }
        }
    }

    /// A fir tree.
    pub fn fir(&mut self, x: f32, foot: f32, height: f32, rgb: Rgb) {
        for tier in 0u8..5 {
            let t = f32::from(tier) / 5.0;
            let (top, bottom) = (
                foot - height + height * t * 0.75,
                foot - height + height * (t * 0.75 + 0.36),
            );
            let half = height * (0.07 + 0.15 * t);
            self.shape(
                &[(x, top), (x + half, bottom), (x - half, bottom)],
                rgb,
                1.0,
            );
        }
        self.rect(
            x - height * 0.02,
            foot - height * 0.08,
            height * 0.04,
            height * 0.08,
            rgb,
            1.0,
        );
    }

    /// Film grain: every pixel a little lighter or darker, so that gradients do not band.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte"
    )]
    pub fn grain(&mut self, amount: f32) {
        let mut dice = std::mem::replace(&mut self.dice, 1);
        for pixel in self.pixmap.data_mut().chunks_exact_mut(4) {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = (f32::from((dice >> 56) as u8) / 255.0 - 0.5) * amount;
            for channel in &mut pixel[..3] {
                *channel = (f32::from(*channel) + noise).clamp(0.0, 255.0) as u8;
            }
        }
    }

    /// The picture as a JPEG.
    pub fn to_jpeg(&self) -> anyhow::Result<Vec<u8>> {
        let rgb: Vec<u8> = self
            .pixmap
            .data()
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        let mut out = Cursor::new(Vec::new());
        JpegEncoder::new_with_quality(&mut out, 90).write_image(
            &rgb,
            self.pixmap.width(),
            self.pixmap.height(),
            ExtendedColorType::Rgb8,
        )?;
        Ok(out.into_inner())
    }
}
