// What people do, written once; every step works with and without JavaScript.

import assert from 'node:assert/strict';
import { alive, fresh } from './browser.mjs';

export const DEMO_PASSWORD = 'open the doors';

/** A small PNG, drawn here: 320 × 180 pixels of one colour. */
export async function pngFile(page) {
  const canvas = await page.context().browser().newPage();
  const base64 = await canvas.evaluate(() => {
    const element = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = element.getContext('2d');
    context.fillStyle = '#c8502d';
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = '#f3cf8b';
    context.beginPath();
    context.arc(900, 300, 220, 0, 7);
    context.fill();
    return element.toDataURL('image/png').split(',')[1];
  });
  await canvas.close();
  return { name: 'cover.png', mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') };
}

async function settled(page, javaScript) {
  await page.waitForLoadState('load');
  if (javaScript) await alive(page);
}

/** Makes an account; returns its e-mail address. */
export async function register(page, { javaScript, organizer = false, name = 'Robin Example' }) {
  const email = `${fresh('someone')}@example.org`;
  await page.goto('/register');
  await settled(page, javaScript);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill('four words and a number 7');
  if (organizer) await page.locator('input[name="form[role]"][value="organizer"]').check();
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((url) => url.pathname !== '/register');
  return email;
}

export async function logIn(page, { javaScript, email, password = DEMO_PASSWORD }) {
  await page.goto('/login');
  await settled(page, javaScript);
  await page.getByLabel('E-mail', { exact: true }).fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
}

export async function logOut(page, { javaScript }) {
  await page.goto('/account');
  await settled(page, javaScript);
  await page.locator('form[action*="log_out"] button').last().click();
  await page.waitForURL((url) => url.pathname !== '/account');
}

/** Writes an event with one ticket type, gives it a cover and publishes it; returns its path. */
export async function publishEvent(page, { javaScript, title, price, places }) {
  await page.goto('/organizer/events/new');
  await settled(page, javaScript);
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Description', { exact: true }).fill('An evening.\n\n- **one** thing\n- another');
  await page.getByLabel('Begins').fill('2031-05-17T20:00');
  await page.getByLabel('Ends', { exact: true }).fill('2031-05-17T23:30');
  await page.locator('[name="form[time_zone]"]').fill('Europe/Berlin');
  await page.getByLabel('Venue', { exact: true }).fill('The Long Room');
  await page.locator('[name="form[ticket_types][0][name]"]').fill('Standard');
  await page.locator('[name="form[ticket_types][0][price]"]').fill(price);
  await page.locator('[name="form[ticket_types][0][quantity]"]').fill(String(places));
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.waitForURL(/\/organizer\/events\/.+\/edit/);
  await settled(page, javaScript);
  await uploadCover(page, javaScript);
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByRole('link', { name: /See (the )?page/ }).first().waitFor();
  await page.waitForLoadState('load');
  const slug = new URL(page.url()).pathname.split('/')[3];
  await page.goto(`/events/${slug}`);
  await settled(page, javaScript);
  assert.equal((await page.getByRole('heading', { level: 1 }).textContent()).trim(), title);
  return `/events/${slug}`;
}

async function uploadCover(page, javaScript) {
  const form = page.locator('form[action*="upload_media"]').first();
  await form.locator('input[type=file]').setInputFiles(await pngFile(page));
  await form.locator('button[type=submit]').click();
  await page.locator('img[src*="/media/"]').first().waitFor();
  await settled(page, javaScript);
}

/** Puts places aside on an event's page. */
export async function chooseTickets(page, { javaScript, path, quantity }) {
  await page.goto(path);
  await settled(page, javaScript);
  const field = page.locator('[name="form[items][0][quantity]"]');
  const isSelect = await field.evaluate((element) => element.tagName === 'SELECT');
  await (isSelect ? field.selectOption(String(quantity)) : field.fill(String(quantity)));
  await page.locator('form[action*="hold_places"] button[type=submit], form:has([name="form[items][0][quantity]"]) button[type=submit]').first().click();
}

/** Pays what is held, with the outcome of the simulator. */
export async function pay(page, { javaScript, outcome = 'ok' }) {
  await page.waitForURL(/\/checkout\//);
  await settled(page, javaScript);
  // The address is there before the page: what is counted must have been drawn.
  const button = page.getByRole('button', { name: /^(Pay|Get my tickets)/ });
  await button.waitFor();
  const choice = page.locator(`input[name="outcome"][value="${outcome}"]`);
  if ((await choice.count()) > 0) await choice.check();
  await button.click();
}

/** Opens the first ticket of the order just made and returns its code. */
export async function openTicket(page, { javaScript }) {
  await page.waitForURL(/\/orders\//);
  await settled(page, javaScript);
  await page.goto('/tickets');
  await settled(page, javaScript);
  await page.locator('main a[href^="/tickets/"]').first().click();
  await page.waitForURL(/\/tickets\/.+/);
  await page.locator('.ticket-qr svg').waitFor();
  return (await page.locator('.ticket-code').first().textContent()).trim();
}
