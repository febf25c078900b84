// A receipt after buying: the order's page tells where it goes, the mailbox shows it, the button
// sends it once more; with and without JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fitsTheScreen, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, pay, publishEvent, register } from '../lib/steps.mjs';

useBrowser();

/** Waits until so many mails to somebody are in the mailbox; the worker sends each second. */
async function mailsTo(page, email, count) {
  const rows = page.locator('tbody tr', { hasText: email });
  for (let tries = 0; tries < 30; tries += 1) {
    await page.goto('/dev/mailbox');
    if ((await rows.count()) >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.equal(await rows.count(), count, `mails to ${email}`);
  return rows;
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`the receipt is in the mailbox, and once more when asked for, ${how}`, async () => {
    await visit({ name: `receipt ${how}`, javaScript, width: 360 }, async (page) => {
      const email = await register(page, { javaScript });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 1 });
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
      await page.getByText(`A receipt is on its way to ${email}`).waitFor();
      const order = new URL(page.url()).pathname;

      const rows = await mailsTo(page, email, 1);
      await fitsTheScreen(page);
      await rows.first().getByRole('link', { name: /^Your tickets for/ }).click();
      await page.waitForURL(/\/dev\/mailbox\/.+/);
      const text = await page.locator('pre').textContent();
      assert.ok(text.includes('The Understudy') && text.includes(order), text);
      await page.getByText('tickets.pdf').waitFor();
      await fitsTheScreen(page);
      assert.equal(await page.locator('iframe').getAttribute('sandbox'), '');

      await page.goto(order);
      await page.waitForLoadState('load');
      if (javaScript) await alive(page);
      await page.getByRole('button', { name: 'Send the receipt again' }).click();
      await page.getByText(`The receipt is on its way to ${email}.`).waitFor();
      await mailsTo(page, email, 2);
    });
  });
}

test('a subject of one long word fits on a phone', async () => {
  const javaScript = false;
  await visit({ name: 'long subject', javaScript, width: 360 }, async (page) => {
    const email = await register(page, { javaScript, organizer: true });
    const title = fresh('Wolkenkuckucksheim'.repeat(5));
    const path = await publishEvent(page, { javaScript, title, price: '5', places: 5 });
    await chooseTickets(page, { javaScript, path, quantity: 1 });
    await pay(page, { javaScript });
    await page.waitForURL(/\/orders\//);
    const rows = await mailsTo(page, email, 1);
    await fitsTheScreen(page);
    await rows.first().getByRole('link').click();
    await page.waitForURL(/\/dev\/mailbox\/.+/);
    await page.getByText('tickets.pdf').waitFor();
    await fitsTheScreen(page);
  });
});
