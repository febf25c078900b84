// Every page: axe finds nothing, light and dark, wide and on a phone; nothing is wider
// than the screen; the page wakes up without an error.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { alive, fitsTheScreen, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn } from '../lib/steps.mjs';

useBrowser();

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const OPEN = ['/', '/events', '/events?q=zzzzqqqq', '/events/night-shift-synth-strings', '/events/deep-listening-side-a-side-b', '/events/kite-day-on-the-long-meadow', '/events/listening-picnic', '/people/organizer', '/login', '/register'];
const ATTENDEE = ['/events/listening-picnic', '/tickets', '/orders', '/account', '/account/devices'];
const ORGANIZER = ['/organizer', '/organizer/events/new', '/organizer/events/night-shift-synth-strings/edit', '/organizer/events/night-shift-synth-strings/orders', '/organizer/events/night-shift-synth-strings/orders?q=zzzzqqqq', '/organizer/events/signals-two-days-on-calm-software/payment', '/organizer/events/night-shift-synth-strings/places', '/organizer/events/night-shift-synth-strings/cancel', '/organizer/events/listening-picnic/edit', '/organizer/events/listening-picnic/rsvps', '/organizer/events/night-shift-winter-residency/delete'];

/** How people look at a page: a phone first, because that is where things are too wide. */
const LOOKS = [360, 1280].flatMap((width) => ['light', 'dark'].map((scheme) => ({ width, scheme })));

/** Colours that are on their way from one scheme to the other are neither's. */
async function restyled() {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const ways = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
  await Promise.allSettled(ways.map((way) => way.finished));
}

async function check(page, path) {
  if (path) await page.goto(path);
  await alive(page);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, `${path ?? page.url()}: one h1`);
  // Through the debugging protocol, which the page's own policy does not bind.
  await page.evaluate(AXE);
  for (const { width, scheme } of LOOKS) {
    const where = `${path ?? page.url()}, ${scheme}, ${width} px`;
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(restyled);
    await fitsTheScreen(page);
    const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    const words = found.violations.map((violation) => `${violation.id} (${violation.impact}): ${violation.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} – ${node.any[0]?.message ?? ''}`).join(' | ')}`);
    assert.deepEqual(words, [], `axe on ${where}`);
  }
}

test('public pages', async () => {
  await visit({ name: 'public', width: 360 }, async (page) => {
    for (const path of OPEN) await check(page, path);
  });
});

test('missing page', async () => {
  await visit({ name: 'missing', width: 360, expectedStatus: [404] }, async (page) => {
    await check(page, '/nothing/here');
  });
});

test("an attendee's pages", async () => {
  await visit({ name: 'attendee', width: 360 }, async (page) => {
    await logIn(page, { javaScript: true, email: 'attendee@example.org' });
    for (const path of ATTENDEE) await check(page, path);
    await page.goto('/tickets');
    const ticket = await page.locator('main a[href^="/tickets/"]').first().getAttribute('href');
    await check(page, ticket);
    await page.goto('/orders');
    const order = await page.locator('main a[href^="/orders/"]').first().getAttribute('href');
    await check(page, order);
    await chooseTickets(page, { javaScript: true, path: '/events/winter-lights-village', quantity: 1 });
    await page.waitForURL(/\/checkout\//);
    await check(page);
    await page.locator('form[action*="release"] button').first().click({ force: true }).catch(() => {});
    await chooseTickets(page, { javaScript: true, path: '/events/signals-two-days-on-calm-software', quantity: 1 });
    await page.waitForURL(/\/checkout\//);
    await check(page);
    await page.locator('input[name="method"][value="bank_transfer"]').check();
    await page.getByRole('button', { name: /^Order for/ }).click();
    await page.waitForURL(/\/orders\//);
    await check(page);
    const awaited = page.url();
    await check(page, '/tickets');
    await check(page, awaited);
    await page.getByText('Cancel this order…').click();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByText('Nobody waits for this order').waitFor();
    await check(page);
  });
});

test("an organizer's pages", async () => {
  await visit({ name: 'organizer', width: 360 }, async (page) => {
    await logIn(page, { javaScript: true, email: 'organizer@example.org' });
    for (const path of ORGANIZER) await check(page, path);
  });
});

test('the first visit to an event page does not shift', async () => {
  await visit({ name: 'layout shift', width: 360 }, async (page) => {
    await page.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto('/events/night-shift-synth-strings');
    await alive(page);
    await page.waitForTimeout(500);
    assert.ok((await page.evaluate(() => globalThis.shift)) < 0.02, 'cumulative layout shift');
  });
});
