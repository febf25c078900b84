// The browser, and what every page must not do: write errors into the console,
// fail a request of its own, be wider than the screen.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

export const BASE_URL = process.env.BASE_URL ?? 'http://127.0.0.1:3000';
const OUT_DIR = process.env.OUT_DIR ?? 'test-results';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];

let browser;

/** Starts the browser before this file's tests and ends it after them. */
export function useBrowser() {
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * Runs `steps` in a browser of its own (cookies, storage) and then asks whether the
 * pages behaved. `expectedStatus`: answers of these statuses are part of the story.
 */
export async function visit({ name, javaScript = true, width = 1280, scheme = 'light', expectedStatus = [] }, steps) {
  const context = await browser.newContext({
    baseURL: BASE_URL,
    javaScriptEnabled: javaScript,
    viewport: { width, height: width < 600 ? 740 : 860 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  context.setDefaultTimeout(15_000);
  const troubles = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(`error in the page: ${error.message}`));
  page.on('console', (message) => {
    const isExpected = expectedStatus.some((status) => message.text().includes(`status of ${status}`));
    if (message.type() === 'error' && !isExpected) troubles.push(`console: ${message.text()} (${page.url()})`);
  });
  page.on('response', (response) => {
    const status = response.status();
    if (status >= 500 || (status >= 400 && !expectedStatus.includes(status))) troubles.push(`${status} from ${response.url()}`);
  });
  try {
    await steps(page, context);
    assert.deepEqual(troubles, []);
  } catch (error) {
    await mkdir(OUT_DIR, { recursive: true });
    const picture = path.join(OUT_DIR, `${name.replace(/\W+/g, '-')}.png`);
    await page.screenshot({ path: picture, fullPage: true }).catch(() => {});
    error.message += `\n  at ${page.url()}, picture: ${picture}${troubles.length ? `\n  ${troubles.join('\n  ')}` : ''}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** Waits until the page's own code runs, where it has any. */
export async function alive(page) {
  await page.waitForLoadState('load');
  await page.waitForFunction(() => document.documentElement.dataset.alive === 'yes', null, { timeout: 20_000 });
}

/** Nothing of the page is wider than the screen. A page may load itself anew meanwhile. */
export async function fitsTheScreen(page) {
  const wide = await tooWide(page).catch((error) => {
    if (!error.message.includes('Execution context was destroyed')) throw error;
    return page.waitForLoadState('load').then(() => tooWide(page));
  });
  assert.deepEqual(wide, [], 'wider than the screen');
}

function tooWide(page) {
  return page.evaluate(() => {
    const limit = document.documentElement.clientWidth + 1;
    if (document.documentElement.scrollWidth <= limit) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > limit)
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.className}`);
  });
}

let count = 0;
/** A word that no other test uses. */
export function fresh(word) {
  count += 1;
  return `${word}${process.pid}x${count}x${Date.now().toString(36)}`;
}
