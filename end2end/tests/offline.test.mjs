// A bank transfer from the choice of the way to the tickets, and one that is called off, with and
// without JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fitsTheScreen, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn, publishEvent } from '../lib/steps.mjs';

useBrowser();

/** Lets an event be paid by transfer and at the door too. */
async function openWays(page, { javaScript, path }) {
  await page.goto(`/organizer${path}/payment`);
  if (javaScript) await alive(page);
  await fitsTheScreen(page);
  await page.locator('input[name="form[bank_transfer]"]').check();
  await page.locator('input[name="form[at_door]"]').check();
  await page.getByLabel('Account holder').fill('The Long Room');
  await page.getByLabel('Bank details').fill('DE02 1203 0000 0000 2020 51');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Buyers who pay from now on see it.').waitFor();
}

/** Orders places in a way that waits for money; returns the address of the order. */
async function order(page, { javaScript, path, method }) {
  await chooseTickets(page, { javaScript, path, quantity: 1 });
  await page.waitForURL(/\/checkout\//);
  if (javaScript) await alive(page);
  await fitsTheScreen(page);
  await page.locator(`input[name="method"][value="${method}"]`).check();
  await page.getByRole('button', { name: /^Order for/ }).click();
  await page.waitForURL(/\/orders\//);
  if (javaScript) await alive(page);
  await fitsTheScreen(page);
  return new URL(page.url()).pathname;
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`a transfer is awaited, and its tickets come with the money, ${how}`, async () => {
    let path;
    let mine;
    let reference;
    await visit({ name: `ways opened ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title: fresh('Transfer '), price: '10.00', places: 3 });
      await openWays(page, { javaScript, path });
    });
    await visit({ name: `transfer ordered ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      const given = await order(page, { javaScript, path, method: 'at_door' });
      await page.getByRole('heading', { name: 'You pay at the door' }).waitFor();
      await page.getByText('Cancel this order…').click();
      await page.getByRole('button', { name: 'Cancel the order' }).click();
      await page.getByText('Nobody waits for this order').waitFor();
      assert.equal(new URL(page.url()).pathname, given);

      mine = await order(page, { javaScript, path, method: 'bank_transfer' });
      await page.getByRole('heading', { name: 'Waiting for your transfer' }).waitFor();
      await page.getByText('DE02 1203 0000 0000 2020 51').waitFor();
      reference = (await page.locator('.transfer dd.mono').textContent()).trim();
      assert.match(reference, /^ES[0-9A-Z]{8}$/);
      await page.goto('/tickets');
      await page.getByText('ordered, and waiting for the payment').first().waitFor();
      await fitsTheScreen(page);
    });
    await visit({ name: `money noted ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      await page.goto(`/organizer${path}/orders`);
      if (javaScript) await alive(page);
      await fitsTheScreen(page);
      await page.getByLabel('Reference or name').fill(reference.toLowerCase());
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL(/q=/);
      if (javaScript) await alive(page);
      assert.equal(await page.locator('.bought').count(), 1);
      const row = page.locator('.bought').filter({ hasText: reference });
      await row.getByText(/is here…$/).click();
      await row.getByRole('button', { name: 'Yes, €10.00 is here' }).click();
      await page.getByText('The money is noted.').waitFor();
      await page.locator('.bought').filter({ hasText: reference }).getByText('Paid', { exact: true }).waitFor();
    });
    await visit({ name: `tickets there ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await page.goto(mine);
      await page.getByRole('heading', { name: 'Your tickets' }).waitFor();
      assert.equal(await page.getByText('DE02 1203').count(), 0);
    });
  });
}

test('the page of an order that is paid at the door notices the money by itself', async () => {
  const javaScript = true;
  let path;
  await visit({ name: 'door opened', javaScript }, async (page) => {
    await logIn(page, { javaScript, email: 'organizer@example.org' });
    path = await publishEvent(page, { javaScript, title: fresh('Door '), price: '10.00', places: 3 });
    await openWays(page, { javaScript, path });
  });
  await visit({ name: 'at the door', javaScript }, async (guest) => {
    await logIn(guest, { javaScript, email: 'attendee@example.org' });
    await order(guest, { javaScript, path, method: 'at_door' });
    const reference = (await guest.locator('.transfer dd.mono').textContent()).trim();
    await visit({ name: 'cash noted', javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      await page.goto(`/organizer${path}/orders?q=${reference}`);
      await alive(page);
      await page.getByText(/is here…$/).click();
      await page.getByRole('button', { name: 'Yes, €10.00 is here' }).click();
      await page.getByText('The money is noted.').waitFor();
    });
    await guest.bringToFront();
    await guest.getByRole('heading', { name: 'Your tickets' }).waitFor({ timeout: 15_000 });
  });
});

test('the way that was chosen stays chosen when a form comes back', async () => {
  const javaScript = false;
  let path;
  await visit({ name: 'ways opened for a choice', javaScript }, async (page) => {
    await logIn(page, { javaScript, email: 'organizer@example.org' });
    path = await publishEvent(page, { javaScript, title: fresh('Choice '), price: '10.00', places: 3 });
    await openWays(page, { javaScript, path });
  });
  await visit({ name: 'chosen', javaScript }, async (page) => {
    await logIn(page, { javaScript, email: 'attendee@example.org' });
    await chooseTickets(page, { javaScript, path, quantity: 1 });
    await page.waitForURL(/\/checkout\//);
    await page.locator('input[name="method"][value="bank_transfer"]').check();
    await visit({ name: 'ways closed', javaScript }, async (organizer) => {
      await logIn(organizer, { javaScript, email: 'organizer@example.org' });
      await organizer.goto(`/organizer${path}/payment`);
      await organizer.locator('input[name="form[bank_transfer]"]').uncheck();
      await organizer.getByRole('button', { name: 'Save', exact: true }).click();
      await organizer.getByText('Buyers who pay from now on see it.').waitFor();
    });
    await page.getByRole('button', { name: /^Order for/ }).click();
    await page.getByText('This event is not paid like this.').first().waitFor();
    // Nobody pays by card who chose a transfer.
    assert.equal(await page.locator('input[name="method"]:checked').count(), 0);
    assert.equal(await page.locator('#pay-method[aria-describedby="pay-method-error"]').count(), 1);
  });
});
