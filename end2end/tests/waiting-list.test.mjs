// Sold out, in line, offered, bought: with JavaScript and without it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, useBrowser, visit } from '../lib/browser.mjs';
import { DEMO_PASSWORD, chooseTickets, logIn, openTicket, pay, publishEvent, register } from '../lib/steps.mjs';

useBrowser();

async function open(page, path, javaScript) {
  await page.goto(path);
  if (javaScript) await alive(page);
}

/** Looks at the page again until a link shows up; the worker offers places within a second or so. */
async function reloadUntil(page, javaScript, locate) {
  for (let tries = 0; tries < 20; tries += 1) {
    await open(page, '/tickets', javaScript);
    if ((await locate().count()) > 0) return;
    await page.waitForTimeout(500);
  }
  assert.fail('no offer came');
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`from the waiting list to the ticket, ${how}`, async () => {
    let path;
    let buyer;
    let title;
    await visit({ name: `line organizer ${how}`, javaScript }, async (page) => {
      title = `Small room ${how} ${Date.now()}`;
      await register(page, { javaScript, organizer: true, name: 'Kim Host' });
      path = await publishEvent(page, { javaScript, title, price: '8.00', places: 1 });
    });
    await visit({ name: `line buyer ${how}`, javaScript }, async (page) => {
      buyer = await register(page, { javaScript, name: 'Bo First' });
      await chooseTickets(page, { javaScript, path, quantity: 1 });
      await page.waitForURL(/\/checkout\//);
    });
    await visit({ name: `line stranger ${how}`, javaScript }, async (page) => {
      await open(page, path, javaScript);
      await page.getByRole('button', { name: 'Join the waiting list' }).click();
      await page.waitForURL(/\/login\?next=/);
      if (javaScript) await alive(page);
      await page.getByLabel('E-mail', { exact: true }).fill('attendee@example.org');
      await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD);
      await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL((url) => url.pathname === path && url.hash === '#waiting-list');
      await page.getByRole('button', { name: 'Join the waiting list' }).waitFor();
    });
    await visit({ name: `line waiting ${how}`, javaScript, width: 360, expectedStatus: [409] }, async (page) => {
      await register(page, { javaScript, name: 'Wren Second' });
      await open(page, path, javaScript);
      await page.getByRole('button', { name: 'Join the waiting list' }).click();
      await page.waitForURL(/\/tickets/);
      await page.getByText('You are next in line.').waitFor();
      // Again is told, and changes nothing.
      await open(page, path, javaScript);
      await page.getByRole('button', { name: 'Join the waiting list' }).click();
      await page.getByRole('alert').first().waitFor();

      await visit({ name: `line gives back ${how}`, javaScript }, async (other) => {
        await logIn(other, { javaScript, email: buyer, password: 'four words and a number 7' });
        await open(other, '/tickets', javaScript);
        await other.getByRole('link', { name: 'Finish' }).click();
        await other.waitForURL(/\/checkout\//);
        if (javaScript) await alive(other);
        await other.locator('summary', { hasText: 'back' }).first().click();
        await other.locator('form[action*="release_hold"] button[type=submit]').click();
        await other.waitForURL(/\/events\//);
        // The place is not on sale: it belongs to whoever waits.
        await other.getByText('Sold out').first().waitFor();
      });

      await reloadUntil(page, javaScript, () => page.getByRole('link', { name: 'Get them' }));
      await page.getByRole('link', { name: 'Get them' }).click();
      await pay(page, { javaScript });
      const code = await openTicket(page, { javaScript });
      assert.ok(code.length >= 10, code);
    });
  });
}

test('what sells out while somebody looks can be waited for', async () => {
  const javaScript = true;
  let path;
  await visit({ name: 'sells out organizer', javaScript }, async (page) => {
    await register(page, { javaScript, organizer: true, name: 'Kim Host' });
    path = await publishEvent(page, { javaScript, title: `Last place ${Date.now()}`, price: '8.00', places: 1 });
  });
  await visit({ name: 'sells out looking', javaScript }, async (page) => {
    await open(page, path, javaScript);
    await page.getByRole('button', { name: 'Get tickets' }).waitFor();
    await visit({ name: 'sells out buying', javaScript }, async (other) => {
      await register(other, { javaScript, name: 'Bo Quick' });
      await chooseTickets(other, { javaScript, path, quantity: 1 });
      await other.waitForURL(/\/checkout\//);
    });
    // The page looks by itself; nobody reloads it.
    await page.getByRole('button', { name: 'Join the waiting list' }).waitFor({ timeout: 30_000 });
    assert.equal(await page.getByRole('button', { name: 'Get tickets' }).count(), 0);
  });
});

test('an organizer sees where every place is, and who waits', async () => {
  await visit({ name: 'places', javaScript: false }, async (page) => {
    await register(page, { javaScript: false, organizer: true, name: 'Pat Counts' });
    const path = await publishEvent(page, { javaScript: false, title: `Counted ${Date.now()}`, price: '5.00', places: 2 });
    await chooseTickets(page, { javaScript: false, path, quantity: 2 });
    await page.waitForURL(/\/checkout\//);
    await page.goto(`/organizer${path}/places`);
    const cells = await page.locator('tbody tr').first().locator('td').allTextContents();
    assert.deepEqual(cells, ['2', '0', '2', '0', '0', '0']);
    await page.getByText('every counter is right').waitFor();
    await page.getByText('Nobody waits for places.').waitFor();
  });
});
