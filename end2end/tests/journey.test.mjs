// Register → publish → buy → ticket, the whole way, with and without JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn, logOut, openTicket, pay, publishEvent, register } from '../lib/steps.mjs';

useBrowser();

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`an organizer publishes, somebody else buys and holds a ticket, ${how}`, async () => {
    let path;
    await visit({ name: `publish ${how}`, javaScript }, async (page) => {
      await register(page, { javaScript, organizer: true, name: 'Olu Organizer' });
      path = await publishEvent(page, { javaScript, title: fresh('Evening '), price: '12.50', places: 5 });
      await logOut(page, { javaScript });
    });
    await visit({ name: `buy ${how}`, javaScript, width: 360 }, async (page) => {
      await register(page, { javaScript });
      await chooseTickets(page, { javaScript, path, quantity: 2 });
      await pay(page, { javaScript });
      const code = await openTicket(page, { javaScript });
      assert.match(code.replace(/[\s-]/g, ''), /[0-9A-Z]{10}/);
    });
  });

  test(`who is not logged in keeps the basket through registering, ${how}`, async () => {
    await visit({ name: `basket ${how}`, javaScript }, async (page) => {
      await page.goto('/events/moonlight-cinema-silent-comedies-live-piano');
      await chooseTickets(page, { javaScript, path: new URL(page.url()).pathname, quantity: 2 });
      await page.waitForURL(/\/(login|register)\?/);
      const email = `${fresh('basket')}@example.org`;
      if (new URL(page.url()).pathname === '/login') await page.getByRole('link', { name: 'Create an account' }).click();
      await page.waitForURL(/\/register\?/);
      await page.getByLabel('Name', { exact: true }).fill('Bea Basket');
      await page.getByLabel('E-mail', { exact: true }).fill(email);
      await page.getByLabel('Password', { exact: true }).fill('four words and a number 7');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.waitForURL(/\/checkout\//);
      if (page.url().includes('/checkout/new')) {
        const back = await page.getByRole('link', { name: 'Change the choice' }).getAttribute('href');
        assert.match(back, /items=/, 'what was chosen is still chosen');
        await page.locator('main form button[type=submit]').first().click();
      }
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
    });
  });

  test(`a declined payment keeps the places and the clock, ${how}`, async () => {
    await visit({ name: `declined ${how}`, javaScript, expectedStatus: [402] }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 1 });
      await page.waitForURL(/\/checkout\//);
      const checkout = page.url().split('?')[0];
      await pay(page, { javaScript, outcome: 'decline' });
      await page.getByText('The payment was declined').first().waitFor();
      assert.equal(page.url().split('?')[0], checkout);
      await pay(page, { javaScript, outcome: 'ok' });
      await page.waitForURL(/\/orders\//);
    });
  });
}

test('on a slow line, a second try right after a declined payment goes through', async () => {
  await visit({ name: 'declined slowly', expectedStatus: [402] }, async (page) => {
    await logIn(page, { javaScript: true, email: 'attendee@example.org' });
    await chooseTickets(page, { javaScript: true, path: '/events/the-understudy', quantity: 1 });
    await page.waitForURL(/\/checkout\//);
    await alive(page);
    await page.route('**/rpc/get_checkout*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await route.continue();
    });
    await pay(page, { javaScript: true, outcome: 'decline' });
    await page.getByText('The payment was declined').first().waitFor();
    await pay(page, { javaScript: true, outcome: 'ok' });
    await page.waitForURL(/\/orders\//);
  });
});

for (const javaScript of [true, false]) {
  test(`who asks for more time gets it and pays, ${javaScript ? 'with' : 'without'} JavaScript`, async () => {
    await visit({ name: `more time ${javaScript}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 1 });
      await page.waitForURL(/\/checkout\//);
      if (javaScript) await alive(page);
      await page.getByRole('button', { name: 'I need more time' }).click();
      await page.getByText('You have more time').waitFor();
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
    });
  });
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`who gives tickets back gets the money back, ${how}`, async () => {
    await visit({ name: `give back ${how}`, javaScript, width: 360 }, async (page) => {
      await register(page, { javaScript });
      await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 2 });
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
      const order = new URL(page.url()).pathname;
      if (javaScript) await alive(page);
      await page.getByText('Give tickets back…').click();
      await page.locator('input[name="form[tickets][1][is_meant]"]').check();
      await page.getByRole('button', { name: 'Give back' }).click();
      await page.waitForURL(/done=returned/);
      await page.getByText(/is on its way back to you|went back to you/).first().waitFor();
      await settledRefund(page, order);
      assert.equal(await page.locator('main a[href^="/tickets/"]').filter({ hasText: 'Refunded' }).count(), 1);
      await page.getByText('Give the ticket back…').waitFor();
    });
  });

  test(`an organizer refunds an order, ${how}`, async () => {
    let path;
    const title = fresh('Refunded ');
    await visit({ name: `refund publish ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title, price: '8.00', places: 3 });
    });
    let order;
    await visit({ name: `refund buy ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await chooseTickets(page, { javaScript, path, quantity: 3 });
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
      order = new URL(page.url()).pathname;
    });
    await visit({ name: `refund ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      await page.goto(`/organizer${path}/orders`);
      if (javaScript) await alive(page);
      await page.getByText(/^Refund /).first().click();
      await page.getByRole('button', { name: 'Refund €24.00' }).click();
      await page.getByText('The tickets are taken back.').waitFor();
      await page.getByText('Given back').first().waitFor();
    });
    await visit({ name: `refunded ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await settledRefund(page, order);
      await page.goto(path);
      assert.equal(await page.locator('[name="form[items][0][quantity]"]').getAttribute('max'), '3');
    });
  });
}

test('the tickets left are not ticked for those given back, and a refusal leaves the box open', async () => {
  const javaScript = true;
  await visit({ name: 'give back twice', javaScript, width: 360, expectedStatus: [422] }, async (page) => {
    await register(page, { javaScript });
    await chooseTickets(page, { javaScript, path: '/events/the-understudy', quantity: 3 });
    await pay(page, { javaScript });
    await page.waitForURL(/\/orders\//);
    await alive(page);
    const ticks = page.locator('.give-back input[type=checkbox]');
    for (const left of [2, 1]) {
      await page.locator('.give-back summary').click();
      // Nothing chosen is refused twice, and each time the tickets stand open again.
      for (let tries = 0; left === 2 && tries < 2; tries += 1) {
        await page.getByRole('button', { name: 'Give back' }).click();
        await page.getByText('Choose at least one ticket.').first().waitFor();
        await ticks.first().waitFor();
      }
      assert.equal(await page.locator('.give-back input[type=checkbox]:checked').count(), 0);
      await ticks.first().check();
      await page.getByRole('button', { name: 'Give back' }).click();
      await page.locator('main a[href^="/tickets/"]').filter({ hasText: 'Refunded' }).nth(2 - left).waitFor();
      assert.equal(await page.locator('details.confirm[open]').count(), 0);
    }
    await page.getByText('Give the ticket back…').waitFor();
  });
});

test('what is typed before the page comes alive counts', async () => {
  await visit({ name: 'typed early' }, async (page) => {
    let goOn;
    const typed = new Promise((resolve) => {
      goOn = resolve;
    });
    await page.route('**/*.wasm', async (route) => {
      await typed;
      await route.continue();
    });
    await page.goto('/events/the-understudy', { waitUntil: 'commit' });
    await page.locator('[name="form[items][0][quantity]"]').fill('3');
    goOn();
    await alive(page);
    await page.getByText(/^3 tickets · /).waitFor();
  });
});

test('what was refused on one page is not told on the next', async () => {
  await visit({ name: 'refused elsewhere' }, async (page) => {
    const error = Buffer.from(JSON.stringify({ code: 'rate_limited' })).toString('base64');
    const query = new URLSearchParams({ __path: '/rpc/join_waiting_room', __err: error.replaceAll('+', '-').replaceAll('/', '_') });
    await page.goto(`/events/the-understudy?${query}`);
    await alive(page);
    await page.locator('.error-summary').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Events', exact: true }).click();
    await page.waitForURL(/\/events$/);
    await page.locator('.event-card-title a').first().click();
    await page.waitForURL(/\/events\/[^?]+$/);
    await page.locator('#tickets').waitFor();
    assert.equal(await page.locator('.error-summary').count(), 0);
  });
});

/** Looks at an order until its money went back; a worker asks the provider every second. */
async function settledRefund(page, order) {
  for (let look = 0; look < 20; look += 1) {
    await page.goto(order);
    if ((await page.getByText(/went back to you/).count()) > 0) return;
    await page.waitForTimeout(500);
  }
  assert.fail('the money did not go back');
}
