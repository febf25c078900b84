//! Scenes under an open sky.

use crate::art::canvas::Canvas;

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
