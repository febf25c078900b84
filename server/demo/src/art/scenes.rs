//! The scenes. Numbers are pixels of a 1600 × 900 picture, chosen by eye.

use super::canvas::Canvas;

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

pub fn mountains(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[
            (0.0, 0x0046_6f9c),
            (0.4, 0x00e8_b28c),
            (0.62, 0x00ff_dcae),
            (1.0, 0x00f0_c9a0),
        ],
    );
    c.glow(1080.0, 380.0, 620.0, 0x00ff_f0c0, 0.95);
    c.disc(1080.0, 380.0, 66.0, 0x00ff_fbea, 1.0);
    for (base, height, waves, rgb) in [
        (470.0, 120.0, 1.4, 0x00a9_9aa8),
        (560.0, 110.0, 1.1, 0x0082_8499),
        (640.0, 90.0, 1.7, 0x0059_6c82),
        (730.0, 80.0, 1.3, 0x0035_5165),
    ] {
        c.ridge(base, height, waves, rgb);
        c.haze(800.0, base + 150.0, 900.0, 0x00ff_e3c2, 0.22);
    }
    c.ridge(830.0, 46.0, 0.9, 0x0018_333f);
    for _ in 0..46 {
        let (x, height) = (c.between(0.0, 1600.0), c.between(50.0, 150.0));
        c.fir(x, c.h + 10.0, height + 40.0, 0x0012_2932);
    }
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

pub fn lake(c: &mut Canvas) {
    c.band(
        0.0,
        470.0,
        &[(0.0, 0x0031_5d8c), (0.55, 0x00e3_8f83), (1.0, 0x00ff_d69a)],
    );
    c.glow(620.0, 450.0, 620.0, 0x00ff_efb8, 0.9);
    c.disc(620.0, 440.0, 74.0, 0x00ff_fae6, 1.0);
    c.ridge(440.0, 46.0, 1.3, 0x006e_6c8c);
    c.ridge(470.0, 26.0, 2.1, 0x0048_5578);
    c.band(
        470.0,
        c.h,
        &[(0.0, 0x00f3_b98c), (0.3, 0x0096_7a92), (1.0, 0x0026_3f66)],
    );
    c.water(474.0, 620.0, 0x00ff_f0cc);
    c.shape(
        &[
            (1040.0, 900.0),
            (1500.0, 900.0),
            (1190.0, 560.0),
            (1150.0, 560.0),
        ],
        0x0035_2733,
        1.0,
    );
    for plank in 0u8..9 {
        let t = f32::from(plank) / 9.0;
        let y = 560.0 + 340.0 * t * t;
        let spread = (y - 560.0) / 340.0;
        c.line(
            &[(1150.0 - 110.0 * spread, y), (1190.0 + 310.0 * spread, y)],
            2.0 + 3.0 * spread,
            0x0085_6a62,
            0.55,
        );
    }
    for (x, y, size) in [
        (390.0, 640.0, 15.0),
        (500.0, 700.0, 18.0),
        (770.0, 620.0, 14.0),
    ] {
        c.ring(x, y + size * 0.9, size * 2.4, 2.5, 0x00ff_ead0, 0.5);
        c.disc(x, y, size, 0x0022_2438, 1.0);
        c.line(
            &[(x - size * 1.6, y + size), (x - size * 2.6, y - size * 0.6)],
            size * 0.5,
            0x0022_2438,
            1.0,
        );
    }
}

pub fn kites(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[(0.0, 0x0035_8fc9), (0.6, 0x00a5_d8ea), (1.0, 0x00ea_f5e4)],
    );
    c.glow(1360.0, 120.0, 560.0, 0x00ff_fbe0, 0.9);
    for (x, y, size) in [
        (260.0, 210.0, 82.0),
        (900.0, 140.0, 66.0),
        (1240.0, 330.0, 92.0),
        (560.0, 420.0, 60.0),
    ] {
        for puff in 0u8..7 {
            let dx = (f32::from(puff) - 3.0) * size * 0.62;
            let lift = c.between(0.0, size * 0.5);
            c.haze(x + dx, y - lift, size, 0x00ff_ffff, 0.85);
        }
    }
    let kites = [
        (430.0, 250.0, 92.0, 0x00e9_4f37, 0x00ff_d166),
        (840.0, 330.0, 70.0, 0x002a_9d8f, 0x00f4_f1de),
        (1120.0, 190.0, 84.0, 0x00f4_a261, 0x0026_4653),
        (690.0, 130.0, 54.0, 0x00d6_4a7f, 0x00ff_e6a7),
        (1390.0, 400.0, 60.0, 0x0045_6fb5, 0x00ff_d166),
    ];
    for (x, y, s, rgb, other) in kites {
        let tail: Vec<_> = (0u8..24)
            .map(|k| {
                (
                    x - s * 0.2 + (f32::from(k) * 0.7).sin() * 16.0 - f32::from(k) * 5.0,
                    y + s + f32::from(k) * 10.0,
                )
            })
            .collect();
        c.line(&tail, 3.5, other, 1.0);
        c.line(&[(x, y), (x - 210.0, 800.0)], 1.5, 0x0033_4a55, 0.5);
        c.shape(
            &[
                (x, y - s),
                (x + s * 0.72, y),
                (x, y + s * 1.1),
                (x - s * 0.72, y),
            ],
            rgb,
            1.0,
        );
        c.shape(&[(x, y - s), (x + s * 0.72, y), (x, y)], other, 1.0);
        c.shape(&[(x, y + s * 1.1), (x - s * 0.72, y), (x, y)], other, 1.0);
    }
    c.ridge(730.0, 40.0, 0.7, 0x0088_b857);
    c.ridge(800.0, 34.0, 0.9, 0x005f_9a45);
    for _ in 0..150 {
        let (x, y, r) = (
            c.between(0.0, 1600.0),
            c.between(800.0, 895.0),
            c.between(3.0, 8.0),
        );
        let rgb = c.pick(&[0x00ff_f3c4, 0x00f2_7d5c, 0x00ff_d166, 0x00ff_ffff]);
        c.disc(x, y, r, rgb, 0.9);
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

pub fn garden(c: &mut Canvas) {
    c.band(0.0, c.h, &[(0.0, 0x0019_4a3c), (1.0, 0x000c_2a26)]);
    c.glow(1050.0, 260.0, 820.0, 0x00e8_f0a0, 0.5);
    for layer in 0u8..3 {
        let leaves = [26, 22, 16][usize::from(layer)];
        for _ in 0..leaves {
            let (x, y) = (c.between(-60.0, 1660.0), c.between(-40.0, 940.0));
            let size = c.between(120.0, 210.0) + 50.0 * f32::from(layer);
            let turn = c.between(0.0, std::f32::consts::TAU);
            let rgb = [
                c.pick(&[0x001e_5a45, 0x0023_6a4c]),
                c.pick(&[0x002f_8058, 0x003f_9160, 0x0057_8a4a]),
                c.pick(&[0x006f_b06a, 0x00a6_c66b, 0x0048_9f6d]),
            ][usize::from(layer)];
            let at = |along: f32, across: f32| {
                (
                    x + size * (along * turn.cos() - across * turn.sin()),
                    y + size * (along * turn.sin() + across * turn.cos()),
                )
            };
            c.haze(x + 30.0, y + 40.0, size * 0.9, 0x0005_1613, 0.35);
            c.blob(
                &[
                    at(-1.0, 0.0),
                    at(-0.5, 0.34),
                    at(0.2, 0.4),
                    at(1.05, 0.0),
                    at(0.2, -0.4),
                    at(-0.5, -0.34),
                ],
                rgb,
                1.0,
            );
            c.line(&[at(-0.95, 0.0), at(0.85, 0.0)], 3.0, 0x00dd_efc0, 0.35);
            for vein in 0u8..5 {
                let along = -0.55 + 0.27 * f32::from(vein);
                c.line(
                    &[at(along, 0.0), at(along + 0.2, 0.24)],
                    1.8,
                    0x00dd_efc0,
                    0.25,
                );
                c.line(
                    &[at(along, 0.0), at(along + 0.2, -0.24)],
                    1.8,
                    0x00dd_efc0,
                    0.25,
                );
            }
        }
    }
    for _ in 0..9 {
        let (x, y, r) = (
            c.between(100.0, 1500.0),
            c.between(100.0, 800.0),
            c.between(26.0, 46.0),
        );
        let rgb = c.pick(&[0x00f2_7d5c, 0x00ff_d8a0, 0x00f6_c1c0]);
        for petal in 0u8..6 {
            let angle = f32::from(petal) * 1.047;
            c.disc(
                x + angle.cos() * r * 0.8,
                y + angle.sin() * r * 0.8,
                r * 0.62,
                rgb,
                1.0,
            );
        }
        c.disc(x, y, r * 0.45, 0x00f5_b83d, 1.0);
    }
}

pub fn winter(c: &mut Canvas) {
    c.band(
        0.0,
        c.h,
        &[
            (0.0, 0x0012_2148),
            (0.55, 0x0039_4f86),
            (0.8, 0x00e0_a79a),
            (1.0, 0x00f2_dccb),
        ],
    );
    c.stars(160, 380.0);
    c.disc(1240.0, 190.0, 54.0, 0x00ff_f6e0, 1.0);
    c.glow(1240.0, 190.0, 320.0, 0x00ff_efcf, 0.6);
    c.ridge(600.0, 90.0, 1.2, 0x0064_739c);
    c.ridge(680.0, 40.0, 1.8, 0x008f_9bbb);
    for _ in 0..22 {
        let (x, height) = (c.between(0.0, 1600.0), c.between(120.0, 240.0));
        c.fir(x, 770.0, height, 0x0023_3a52);
    }
    c.ridge(770.0, 18.0, 1.1, 0x00e9_eef6);
    for cabin in 0u8..4 {
        let x = 250.0 + 320.0 * f32::from(cabin);
        c.glow(x + 80.0, 740.0, 210.0, 0x00ff_b25a, 0.8);
        c.rect(x, 690.0, 160.0, 110.0, 0x0052_2e24, 1.0);
        c.shape(
            &[(x - 26.0, 694.0), (x + 80.0, 610.0), (x + 186.0, 694.0)],
            0x00f4_f7fc,
            1.0,
        );
        c.shape(
            &[(x - 4.0, 694.0), (x + 80.0, 630.0), (x + 164.0, 694.0)],
            0x0043_241d,
            1.0,
        );
        c.rect(x + 22.0, 715.0, 116.0, 46.0, 0x00ff_d88a, 1.0);
    }
    c.lights((-20.0, 560.0), (820.0, 600.0), 60.0, 16, 0x00ff_c25e);
    c.lights((780.0, 600.0), (1640.0, 550.0), 60.0, 16, 0x00ff_c25e);
    c.ridge(840.0, 16.0, 0.8, 0x00f7_f9fd);
    for _ in 0..320 {
        let (x, y) = (c.between(0.0, 1600.0), c.between(0.0, 900.0));
        let (r, alpha) = (c.between(1.2, 4.2), c.between(0.35, 0.95));
        c.disc(x, y, r, 0x00ff_ffff, alpha);
    }
}
