// States that a page must tell right: nothing there, not yours, sold out, over.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn } from '../lib/steps.mjs';

useBrowser();

test('an address that is nothing answers 404 with a page of ours', async () => {
  await visit({ name: 'not found', expectedStatus: [404] }, async (page) => {
    for (const path of ['/nothing/here', '/events/no-such-event', '/people/no-such-person']) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 404, path);
      await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    }
  });
});

test('what needs a login leads to it and back', async () => {
  await visit({ name: 'login first' }, async (page) => {
    await page.goto('/tickets');
    await page.waitForURL(/\/login\?next=/);
    await page.getByLabel('E-mail', { exact: true }).fill('attendee@example.org');
    await page.getByLabel('Password', { exact: true }).fill('open the doors');
    await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL((url) => url.pathname === '/tickets');
  });
});

test('a wrong password says so beside the form and keeps what was typed', async () => {
  for (const javaScript of [true, false]) {
    await visit({ name: 'wrong password', javaScript, expectedStatus: [401] }, async (page) => {
      await page.goto('/login');
      if (javaScript) await alive(page);
      await page.getByLabel('E-mail', { exact: true }).fill('attendee@example.org');
      await page.getByLabel('Password', { exact: true }).fill('not the right one');
      await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
      await page.getByText('E-mail or password is wrong').first().waitFor();
      assert.equal(await page.getByLabel('E-mail', { exact: true }).inputValue(), 'attendee@example.org');
      assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
    });
  }
});

test('sold out, cancelled and past events sell nothing and say why', async () => {
  await visit({ name: 'states' }, async (page) => {
    const states = [
      ['/events/deep-listening-side-a-side-b', /sold out/i],
      ['/events/kite-day-on-the-long-meadow', /storm/i],
      ['/events/night-shift-opening-night', /over|past|taken place/i],
    ];
    for (const [path, words] of states) {
      await page.goto(path);
      await page.getByRole('main').getByText(words).first().waitFor();
      assert.equal(await page.locator('[name="form[items][0][quantity]"]:enabled').count(), 0, path);
    }
  });
});

test("somebody else's ticket, order and editor are not there", async () => {
  let ticket;
  await visit({ name: 'owner' }, async (page) => {
    await logIn(page, { javaScript: false, email: 'attendee@example.org' });
    await page.goto('/tickets');
    ticket = await page.locator('main a[href^="/tickets/"]').first().getAttribute('href');
  });
  await visit({ name: 'stranger', expectedStatus: [403, 404] }, async (page) => {
    await logIn(page, { javaScript: false, email: 'juno@example.org' });
    for (const path of [ticket, '/orders/01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11', '/organizer/events/the-understudy/edit']) {
      const answer = await page.goto(path);
      assert.ok([403, 404].includes(answer.status()), `${path} answered ${answer.status()}`);
    }
  });
});

test('a double click on the way to the checkout puts the places aside once', async () => {
  await visit({ name: 'double click', javaScript: false }, async (page) => {
    await logIn(page, { javaScript: false, email: 'teo@example.org' });
    await page.goto('/events/seed-swap-plant-market').catch(() => {});
    await chooseTickets(page, { javaScript: false, path: new URL(page.url()).pathname, quantity: 1 });
    await page.waitForURL(/\/checkout\//);
    const first = page.url();
    await page.goBack();
    await page.locator('form:has([name="form[items][0][quantity]"]) button[type=submit]').first().click();
    await page.waitForURL(/\/checkout\//);
    assert.equal(page.url(), first);
  });
});

test('search finds with one wrong letter, and filters stand in the address', async () => {
  await visit({ name: 'search' }, async (page) => {
    await page.goto('/events?q=ceramcs');
    await page.getByRole('main').getByRole('link', { name: /Throw Your First Bowl/ }).first().waitFor();
    await page.goto('/events?category=film');
    assert.equal(await page.getByRole('main').getByRole('link', { name: /Moonlight Cinema/ }).first().isVisible(), true);
    await page.goto('/events?q=zzzzqqqq');
    await page.getByRole('main').getByText(/nothing|no events/i).first().waitFor();
  });
});
