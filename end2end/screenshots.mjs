// The pictures of the README: the demo world, light, at 1280 and 360 pixels.

import path from 'node:path';
import { BASE_URL, alive, launch } from './lib/browser.mjs';
import { logIn } from './lib/steps.mjs';

const OUT_DIR = process.env.OUT_DIR ?? 'screenshots';
const browser = await launch();

async function open(width, scheme) {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport: { width, height: width < 600 ? 740 : 860 }, deviceScaleFactor: width < 600 ? 2 : 1, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB' });
  return context.newPage();
}

async function picture(page, address, file, fullPage = false) {
  await page.goto(address);
  await alive(page);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: path.join(OUT_DIR, file), fullPage, type: 'jpeg', quality: 82 });
  console.log(file);
}

const wide = await open(1280, 'light');
await picture(wide, '/', 'home.jpg');
await picture(wide, '/events/night-shift-synth-strings', 'event.jpg');
await logIn(wide, { javaScript: true, email: 'organizer@example.org' });
await picture(wide, '/organizer', 'organizer.jpg');

const phone = await open(360, 'dark');
await picture(phone, '/events', 'browse-phone.jpg');
await logIn(phone, { javaScript: true, email: 'attendee@example.org' });
await phone.goto('/tickets');
await picture(phone, await phone.locator('main a[href^="/tickets/"]').first().getAttribute('href'), 'ticket-phone.jpg');

await browser.close();
