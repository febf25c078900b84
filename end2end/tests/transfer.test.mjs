// Passing a ticket on: offer, link, registering on the way, accept; with and without JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn, openTicket, pay, register } from '../lib/steps.mjs';

useBrowser();

async function ready(page, javaScript) {
  await page.waitForLoadState('load');
  if (javaScript) await alive(page);
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`a ticket goes to whoever has the link, ${how}`, async () => {
    let link;
    let ticket;
    let oldCode;
    const giver = { javaScript, email: '' };
    await visit({ name: `offer ${how}`, javaScript, width: 360, expectedStatus: [422] }, async (page) => {
      giver.email = await register(page, { javaScript, name: 'Gia Giver' });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 1 });
      await pay(page, { javaScript });
      oldCode = await openTicket(page, { javaScript });
      ticket = new URL(page.url()).pathname;
      await ready(page, javaScript);
      await page.getByText('Pass this ticket on…').click();
      await page.getByLabel('To whom', { exact: true }).fill('nobody-has-this-handle');
      await page.getByRole('button', { name: 'Offer the ticket' }).click();
      await page.getByText('Nobody has this handle').first().waitFor();
      await page.getByLabel('To whom', { exact: true }).fill(`${fresh('friend')}@example.org`);
      await page.getByRole('button', { name: 'Offer the ticket' }).click();
      link = new URL(await page.getByLabel('Link to send them').inputValue());
      assert.match(link.pathname, /^\/transfers\//);
    });
    await visit({ name: `accept ${how}`, javaScript, width: 360 }, async (page) => {
      await page.goto(link.pathname + link.search);
      await page.waitForURL(/\/login\?next=/);
      await ready(page, javaScript);
      await page.getByRole('link', { name: 'Create an account' }).click();
      await page.waitForURL(/\/register\?/);
      await ready(page, javaScript);
      await page.getByLabel('Name', { exact: true }).fill('Rae Receiver');
      await page.getByLabel('E-mail', { exact: true }).fill(`${fresh('rae')}@example.org`);
      await page.getByLabel('Password', { exact: true }).fill('four words and a number 7');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.waitForURL(/\/transfers\//);
      await ready(page, javaScript);
      await page.getByRole('heading', { name: 'Gia Giver offers you a ticket' }).waitFor();
      await page.getByRole('button', { name: 'Accept the ticket' }).click();
      await page.waitForURL(/\/tickets\/.+done=received/);
      await page.locator('.ticket-qr svg').waitFor();
      assert.notEqual((await page.locator('.ticket-code').first().textContent()).trim(), oldCode);
    });
    await visit({ name: `given ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: giver.email, password: 'four words and a number 7' });
      await page.goto(ticket);
      await page.getByText('This ticket belongs to somebody else now.').waitFor();
      assert.equal(await page.locator('.ticket-qr').count(), 0);
    });
  });

  test(`an offer is taken back, ${how}`, async () => {
    await visit({ name: `withdraw ${how}`, javaScript }, async (page) => {
      await register(page, { javaScript });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 1 });
      await pay(page, { javaScript });
      await openTicket(page, { javaScript });
      await ready(page, javaScript);
      await page.getByText('Pass this ticket on…').click();
      await page.getByLabel('To whom', { exact: true }).fill('friend@example.org');
      await page.getByRole('button', { name: 'Offer the ticket' }).click();
      await page.getByRole('button', { name: 'Take it back' }).click();
      await page.getByText('You took it back.').waitFor();
      await page.getByText('Pass this ticket on…').waitFor();
    });
  });
}
