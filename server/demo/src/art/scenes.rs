//! The scenes. Numbers are pixels of a 1600 × 900 picture, chosen by eye.

mod nature;

use super::canvas::Canvas;

pub use nature::{garden, kites, lake, mountains, winter};

pub fn concert(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[(0.0, 0x0012_0b1f), (0.55, 0x003a_1238), (1.0, 0x00b0_3a2e)],
    );
    c.glow(800.0, 640.0, 760.0, 0x00ff_8a3c, 0.75);
    c.glow(420.0, 520.0, 480.0, 0x00e0_3a7a, 0.5);
    c.glow(1220.0, 500.0, 480.0, 0x0058_4bd8, 0.5);
    for lamp in 0u8..9 {
        let x = 160.0 + 160.0 * f32::from(lamp);
        let to = (x + c.between(-420.0, 420.0), 760.0);
        let rgb = c.pick(&[0x00ff_c46b, 0x00ff_6f91, 0x007f_8cff, 0x00ff_f0d0]);
        c.beam((x, 40.0), to, 130.0, rgb, 0.55);
        c.glow(x, 42.0, 90.0, rgb, 0.9);
        c.disc(x, 42.0, 9.0, 0x00ff_fbf0, 1.0);
    }
    c.rect(0.0, 22.0, c.w, 12.0, 0x0009_060f, 1.0);
    c.rect(360.0, 560.0, 880.0, 90.0, 0x0016_0a17, 1.0);
    for (x, height) in [(560.0, 150.0), (800.0, 170.0), (1030.0, 150.0)] {
        c.disc(x, 560.0 - height, 24.0, 0x0014_0812, 1.0);
        c.blob(
            &[
                (x - 46.0, 570.0),
                (x - 40.0, 586.0 - height),
                (x, 574.0 - height),
                (x + 40.0, 586.0 - height),
                (x + 46.0, 570.0),
            ],
            0x0014_0812,
            1.0,
        );
        c.line(
            &[
                (x - 70.0, 600.0 - height * 0.45),
                (x + 74.0, 560.0 - height * 0.6),
            ],
            11.0,
            0x0014_0812,
            1.0,
        );
    }
    for _ in 0..60 {
        let (x, y, r) = (
            c.between(0.0, 1600.0),
            c.between(80.0, 620.0),
            c.between(4.0, 22.0),
        );
        c.glow(x, y, r, 0x00ff_d9a0, 0.35);
    }
    c.crowd(690.0, 62.0, 0x001d_0a1a, 0.35);
    c.crowd(780.0, 92.0, 0x000d_050f, 0.3);
}

pub fn open_air_cinema(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[
            (0.0, 0x000b_1430),
            (0.5, 0x0027_3266),
            (0.78, 0x00c9_6a5a),
            (1.0, 0x00f0_a860),
        ],
    );
    c.stars(240, 430.0);
    c.ridge(610.0, 60.0, 1.2, 0x0020_2347);
    c.beam((1480.0, 760.0), (820.0, 360.0), 250.0, 0x00ff_e9c4, 0.35);
    c.glow(800.0, 380.0, 620.0, 0x00ff_dca8, 0.5);
    c.rect(470.0, 195.0, 660.0, 380.0, 0x0008_0a18, 1.0);
    c.rect(486.0, 210.0, 628.0, 350.0, 0x00ff_f2da, 1.0);
    c.haze(690.0, 470.0, 300.0, 0x00ef_9a62, 0.9);
    c.haze(980.0, 300.0, 260.0, 0x0058_a6a6, 0.75);
    c.disc(930.0, 330.0, 66.0, 0x00ff_d37a, 1.0);
    c.shape(
        &[
            (486.0, 560.0),
            (486.0, 500.0),
            (640.0, 420.0),
            (770.0, 505.0),
            (860.0, 455.0),
            (1114.0, 540.0),
            (1114.0, 560.0),
        ],
        0x0036_4a63,
        1.0,
    );
    c.rect(500.0, 575.0, 16.0, 90.0, 0x0008_0a18, 1.0);
    c.rect(1084.0, 575.0, 16.0, 90.0, 0x0008_0a18, 1.0);
    c.ridge(690.0, 26.0, 0.8, 0x0012_1630);
    c.crowd(745.0, 46.0, 0x000c_0f24, 0.0);
    c.crowd(830.0, 66.0, 0x0007_0916, 0.02);
}

pub fn night_market(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[
            (0.0, 0x0018_1a3a),
            (0.45, 0x0052_2c55),
            (0.75, 0x00c0_5a3c),
            (1.0, 0x0040_1c20),
        ],
    );
    c.glow(800.0, 620.0, 900.0, 0x00ff_9a48, 0.55);
    for stall in 0u8..6 {
        let x = -40.0 + 290.0 * f32::from(stall);
        let (main, other) = [
            (0x00e4_5d3a, 0x00fb_e8c8),
            (0x002f_8f83, 0x00f8_ecd4),
            (0x00f0_a73a, 0x00ff_f3da),
        ][usize::from(stall % 3)];
        c.rect(x + 20.0, 470.0, 230.0, 260.0, 0x003a_1a20, 1.0);
        c.glow(x + 135.0, 560.0, 190.0, 0x00ff_c36a, 0.85);
        c.rect(x + 10.0, 640.0, 250.0, 100.0, 0x0052_2a26, 1.0);
        for crate_ in 0u8..5 {
            let rgb = c.pick(&[0x00d9_4a38, 0x00f2_a93b, 0x0073_9d4b, 0x00f5_d36b]);
            c.disc(x + 40.0 + 46.0 * f32::from(crate_), 636.0, 20.0, rgb, 1.0);
        }
        for stripe in 0u8..8 {
            let sx = x + 34.0 * f32::from(stripe);
            let rgb = if stripe % 2 == 0 { main } else { other };
            c.shape(
                &[
                    (sx + 8.0, 400.0),
                    (sx + 36.0, 400.0),
                    (sx + 34.0, 490.0),
                    (sx, 490.0),
                ],
                rgb,
                1.0,
            );
            c.disc(sx + 17.0, 490.0, 17.0, rgb, 1.0);
        }
    }
    for (from, to, sag) in [
        ((-20.0, 120.0), (820.0, 170.0), 70.0),
        ((780.0, 170.0), (1640.0, 90.0), 80.0),
        ((-20.0, 260.0), (1640.0, 250.0), 90.0),
    ] {
        c.lights(from, to, sag, 15, 0x00ff_b54a);
    }
    c.crowd(700.0, 56.0, 0x002a_1220, 0.0);
    c.crowd(800.0, 84.0, 0x0014_0812, 0.0);
}

pub fn city(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[(0.0, 0x0007_1a2c), (0.6, 0x000f_3f52), (1.0, 0x0027_7a78)],
    );
    c.glow(1150.0, 700.0, 800.0, 0x0045_d6b5, 0.5);
    c.glow(300.0, 760.0, 600.0, 0x00ff_a860, 0.4);
    let mut nodes = Vec::new();
    for layer in 0u8..3 {
        let rgb = [0x0014_4556, 0x000d_3041, 0x0006_1d2b][usize::from(layer)];
        let mut x = -20.0;
        while x < c.w {
            let width = c.between(70.0, 150.0);
            let top = 640.0 - c.between(0.0, 330.0) + 120.0 * f32::from(layer);
            c.rect(x, top, width, c.h, rgb, 1.0);
            let (mut wx, lit) = (x + 12.0, 0.2 + 0.13 * f32::from(layer));
            while wx < x + width - 16.0 {
                let mut wy = top + 16.0;
                while wy < c.h {
                    if c.roll() < lit {
                        let window = c.pick(&[0x00ff_d88a, 0x00ff_efc8, 0x008a_ead6]);
                        let alpha = c.between(0.4, 0.95);
                        c.rect(wx, wy, 9.0, 13.0, window, alpha);
                    }
                    wy += 27.0;
                }
                wx += 21.0;
            }
            if layer < 2 {
                nodes.push((x + width / 2.0, top - c.between(40.0, 190.0)));
            }
            x += width + c.between(4.0, 26.0);
        }
    }
    for (index, from) in nodes.iter().enumerate() {
        for to in nodes
            .iter()
            .skip(index + 1)
            .filter(|to| (to.0 - from.0).hypot(to.1 - from.1) < 210.0)
        {
            c.line(&[*from, *to], 1.6, 0x008f_f5de, 0.35);
        }
    }
    for (x, y) in nodes {
        c.glow(x, y, 46.0, 0x0073_ffe0, 0.7);
        c.disc(x, y, 5.0, 0x00ef_fffa, 1.0);
    }
}

pub fn vinyl(c: &mut Canvas) {
    c.band(0.0, c.h, &[(0.0, 0x00e2_9a4a), (1.0, 0x0098_3d22)]);
    c.glow(300.0, 120.0, 900.0, 0x00ff_e3a6, 0.8);
    c.haze(1500.0, 900.0, 900.0, 0x0038_120e, 0.7);
    c.haze(990.0, 560.0, 560.0, 0x0030_0f0c, 0.8);
    c.disc(960.0, 500.0, 430.0, 0x0014_1013, 1.0);
    for groove in 0u8..62 {
        let radius = 160.0 + 4.2 * f32::from(groove);
        let alpha = c.between(0.04, 0.2);
        c.ring(960.0, 500.0, radius, 1.6, 0x0070_5f5c, alpha);
    }
    c.beam((960.0, 500.0), (470.0, 150.0), 130.0, 0x00ff_e6c0, 0.4);
    c.beam((960.0, 500.0), (1440.0, 860.0), 130.0, 0x00ff_c890, 0.3);
    c.disc(960.0, 500.0, 146.0, 0x00e4_5a35, 1.0);
    c.disc(960.0, 500.0, 132.0, 0x00f3_cf8b, 1.0);
    c.disc(960.0, 500.0, 100.0, 0x00e4_5a35, 1.0);
    c.disc(960.0, 500.0, 15.0, 0x0020_1214, 1.0);
    c.line(
        &[(1470.0, 90.0), (1440.0, 430.0), (1230.0, 610.0)],
        20.0,
        0x00ef_e2cf,
        1.0,
    );
    c.line(&[(1240.0, 600.0), (1196.0, 640.0)], 40.0, 0x002a_2022, 1.0);
    c.disc(1470.0, 90.0, 62.0, 0x00d9_c9b2, 1.0);
    c.disc(1470.0, 90.0, 34.0, 0x0087_7566, 1.0);
}

pub fn ceramics(c: &mut Canvas) {
    c.band(0.0, 640.0, &[(0.0, 0x00e9_dcc8), (1.0, 0x00d7_bfa2)]);
    c.band(640.0, c.h, &[(0.0, 0x009a_6a48), (1.0, 0x0069_4029)]);
    for pane in 0u8..4 {
        let x = 120.0 + 130.0 * f32::from(pane);
        c.shape(
            &[
                (x, 60.0),
                (x + 110.0, 60.0),
                (x + 190.0, 600.0),
                (x + 80.0, 600.0),
            ],
            0x00ff_f8e8,
            0.6,
        );
    }
    c.glow(300.0, 260.0, 700.0, 0x00ff_f4d8, 0.5);
    let pots: [(f32, f32, f32, u32, u32); 6] = [
        (330.0, 250.0, 96.0, 0x002f_6f73, 0x0054_9a9a),
        (560.0, 370.0, 120.0, 0x00c6_5534, 0x00e4_8560),
        (800.0, 190.0, 130.0, 0x00ed_e3d2, 0x00ff_fbf2),
        (1040.0, 430.0, 100.0, 0x0038_3c55, 0x005c_6384),
        (1250.0, 230.0, 112.0, 0x00d9_a441, 0x00f0_c877),
        (1440.0, 320.0, 84.0, 0x0080_9a72, 0x00a9_c09a),
    ];
    for (x, height, half, rgb, light) in pots {
        let foot = 740.0;
        c.haze(x + 70.0, foot + 6.0, half * 1.7, 0x002c_160d, 0.55);
        let outline = |k: f32| {
            [
                (x - half * 0.5 * k, foot),
                (x - half * 1.15 * k, foot - height * 0.32),
                (x - half * 0.95 * k, foot - height * 0.68),
                (x - half * 0.28 * k, foot - height * 0.86),
                (x - half * 0.5 * k, foot - height * 1.1),
                (x + half * 0.5 * k, foot - height * 1.1),
                (x + half * 0.28 * k, foot - height * 0.86),
                (x + half * 0.95 * k, foot - height * 0.68),
                (x + half * 1.15 * k, foot - height * 0.32),
                (x + half * 0.5 * k, foot),
            ]
        };
        c.blob(&outline(1.0), rgb, 1.0);
        let shine: Vec<_> = outline(0.5)
            .iter()
            .map(|(px, py)| (px - half * 0.28, *py))
            .collect();
        c.blob(&shine, light, 0.55);
    }
    for stem in 0u8..7 {
        let (tip, lean) = (
            c.between(150.0, 300.0),
            c.between(-90.0, 90.0) + 10.0 * f32::from(stem),
        );
        c.line(
            &[
                (800.0, 560.0),
                (800.0 + lean * 0.4, 430.0),
                (800.0 + lean, tip),
            ],
            5.0,
            0x005b_7048,
            1.0,
        );
        let rgb = c.pick(&[0x00e4_7c5a, 0x00f2_c46d, 0x00d9_9a8a]);
        c.disc(800.0 + lean, tip, 19.0, rgb, 1.0);
    }
}

pub fn theatre(c: &mut Canvas) {
    c.band(0.0, c.h, &[(0.0, 0x003a_0a12), (1.0, 0x006e_1420)]);
    for fold in 0u8..32 {
        let x = 50.0 * f32::from(fold);
        let depth = c.between(0.25, 0.7);
        c.shape(
            &[
                (x, 0.0),
                (x + 22.0, 0.0),
                (x + 28.0, 740.0),
                (x - 4.0, 740.0),
            ],
            0x00d0_2c35,
            depth * 0.55,
        );
        c.shape(
            &[
                (x + 24.0, 0.0),
                (x + 46.0, 0.0),
                (x + 50.0, 740.0),
                (x + 30.0, 740.0),
            ],
            0x001c_0408,
            depth * 0.6,
        );
    }
    for swag in 0u8..5 {
        let x = 160.0 + 320.0 * f32::from(swag);
        c.blob(
            &[
                (x - 200.0, -60.0),
                (x - 150.0, 110.0),
                (x, 190.0),
                (x + 150.0, 110.0),
                (x + 200.0, -60.0),
            ],
            0x0082_1624,
            1.0,
        );
        c.blob(
            &[
                (x - 150.0, -60.0),
                (x - 100.0, 70.0),
                (x, 120.0),
                (x + 100.0, 70.0),
                (x + 150.0, -60.0),
            ],
            0x00a8_2230,
            1.0,
        );
        c.disc(x - 160.0, 66.0, 15.0, 0x00e8_b557, 1.0);
    }
    c.band(735.0, c.h, &[(0.0, 0x0083_5130), (1.0, 0x003a_1f12)]);
    c.beam((180.0, -60.0), (840.0, 800.0), 330.0, 0x00ff_f1cf, 0.75);
    c.glow(820.0, 790.0, 430.0, 0x00ff_e9b8, 0.85);
    c.haze(1600.0, 450.0, 620.0, 0x0014_0206, 0.7);
    c.haze(0.0, 800.0, 520.0, 0x0014_0206, 0.6);
    c.rect(770.0, 640.0, 110.0, 14.0, 0x0030_1a12, 1.0);
    for x in [780.0, 860.0] {
        c.line(&[(x, 650.0), (x - 8.0, 800.0)], 9.0, 0x0030_1a12, 1.0);
    }
    c.rect(868.0, 520.0, 12.0, 130.0, 0x0030_1a12, 1.0);
    c.rect(776.0, 520.0, 104.0, 12.0, 0x0030_1a12, 1.0);
}
