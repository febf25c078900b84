// A rush sale: the organizer sets a waiting room up, people wait, go in and buy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fitsTheScreen, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, pay, publishEvent, register } from '../lib/steps.mjs';

useBrowser();

/** Sets the room up in the editor; it opens at once. */
async function setUp(page, { javaScript, slug, rate }) {
  await page.goto(`/organizer/events/${slug}/edit`);
  if (javaScript) await alive(page);
  await page.getByLabel('People a minute').fill(String(rate));
  await page.getByRole('button', { name: 'Set up the waiting room' }).click();
  await page.getByText('The waiting room is set up.').waitFor();
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`waiting room: people wait their turn and buy, ${how}`, async () => {
    let path;
    await visit({ name: `room organizer ${how}`, javaScript }, async (page) => {
      await register(page, { javaScript, organizer: true });
      path = await publishEvent(page, { javaScript, title: fresh('Rush '), price: '12.50', places: 20 });
      await setUp(page, { javaScript, slug: path.split('/').pop(), rate: 20 });
      await page.getByText('Had their turn').waitFor();
      await fitsTheScreen(page);
    });
    await visit({ name: `room visitor ${how}`, javaScript, width: 360 }, async (page) => {
      await register(page, { javaScript });
      await page.goto(path);
      if (javaScript) await alive(page);
      assert.equal(await page.locator('[name="form[items][0][quantity]"]').count(), 0);
      await page.getByRole('button', { name: 'Join the waiting room' }).click();
      await page.waitForURL(/\/waiting-room$/);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await fitsTheScreen(page);
      // The page looks by itself; nobody reloads it.
      await page.getByRole('heading', { level: 1, name: 'It is your turn' }).waitFor({ timeout: 40_000 });
      await page.getByRole('link', { name: 'Choose tickets' }).click();
      await page.waitForURL(/#tickets$/);
      await chooseTickets(page, { javaScript, path, quantity: 1 });
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
    });
  });
}

test('waiting room: a tab that nobody looks at tells in its title that it is the turn', async () => {
  const javaScript = true;
  let path;
  await visit({ name: 'room of hidden tab', javaScript }, async (page) => {
    await register(page, { javaScript, organizer: true });
    path = await publishEvent(page, { javaScript, title: fresh('Aside '), price: '12.50', places: 20 });
    await setUp(page, { javaScript, slug: path.split('/').pop(), rate: 20 });
  });
  await visit({ name: 'hidden tab', javaScript }, async (page) => {
    await register(page, { javaScript });
    await page.addInitScript(() => {
      Object.defineProperty(Document.prototype, 'hidden', { configurable: true, get: () => true });
    });
    await page.goto(path);
    await alive(page);
    await page.getByRole('button', { name: 'Join the waiting room' }).click();
    await page.waitForURL(/\/waiting-room$/);
    await page.waitForFunction(() => document.title.startsWith('It is your turn'), null, { timeout: 90_000 });
  });
});

test('waiting room: a second editor learns that everybody was let in', async () => {
  const javaScript = true;
  await visit({ name: 'room of two editors', javaScript }, async (page, context) => {
    await register(page, { javaScript, organizer: true });
    const path = await publishEvent(page, { javaScript, title: fresh('Both '), price: '5', places: 5 });
    const slug = path.split('/').pop();
    await setUp(page, { javaScript, slug, rate: 1 });
    const second = await context.newPage();
    await second.goto(`/organizer/events/${slug}/edit`);
    await alive(second);
    await second.getByRole('button', { name: 'Change the room' }).waitFor();
    await page.locator('#waiting-room summary').click();
    await page.getByRole('button', { name: 'Let everybody in', exact: true }).click();
    await page.getByText('Everybody is in.').waitFor();
    await second.bringToFront();
    // Nobody reloads it.
    await second.getByText('Everybody was let in meanwhile').waitFor();
    await second.getByRole('button', { name: 'Set up the waiting room' }).waitFor();
    assert.equal(await second.getByText('Let everybody in…').count(), 0);
  });
});

test('waiting room: letting everybody in brings the picker back', async () => {
  await visit({ name: 'room ends' }, async (page) => {
    await register(page, { javaScript: true, organizer: true });
    const path = await publishEvent(page, { javaScript: true, title: fresh('Calm '), price: '5', places: 5 });
    const slug = path.split('/').pop();
    await setUp(page, { javaScript: true, slug, rate: 1 });
    await page.locator('#waiting-room summary').click();
    await page.getByRole('button', { name: 'Let everybody in', exact: true }).click();
    await page.getByText('Everybody is in.').waitFor();
    await page.goto(path);
    await page.locator('[name="form[items][0][quantity]"]').waitFor();
  });
});
