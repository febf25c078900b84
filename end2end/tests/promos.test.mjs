// Promo codes from the organizer to the order, and tickets that only a code opens, with and
// without JavaScript.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, fresh, useBrowser, visit } from '../lib/browser.mjs';
import { chooseTickets, logIn, pay, publishEvent } from '../lib/steps.mjs';

useBrowser();

/** Waits until nothing stands in a field. */
async function emptied(field) {
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await field.inputValue()) === '') return;
    await field.page().waitForTimeout(100);
  }
  assert.fail('what was typed is still there');
}

/** Makes a code on the organizer's page of an event. */
async function makeCode(page, { javaScript, path, fields, opens = false }) {
  await page.goto(`/organizer${path}/promo-codes`);
  if (javaScript) await alive(page);
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`[name="form[${name}]"]`);
    await (name === 'kind' ? field.selectOption(value) : field.fill(value));
  }
  if (opens) await page.locator('input[name="form[unlocks][0][is_meant]"]').check();
  await page.getByRole('button', { name: 'Add the code' }).click();
  await page.getByText('The code is there.').waitFor();
  // The next one can be typed.
  await emptied(page.locator('[name="form[code]"]'));
}

/** How many of the first ticket type are chosen. */
const quantityOf = (page) => page.locator('[name="form[items][0][quantity]"]');

/** Types a code on an event's page and has it applied; what was chosen before stays chosen. */
async function applyCode(page, { javaScript, path, code, quantity }) {
  await page.goto(path);
  if (javaScript) await alive(page);
  const field = page.getByLabel('Promo code');
  if (!(await field.isVisible())) await page.getByText('Have a code?').click();
  await field.fill(code);
  if (quantity) await quantityOf(page).fill(quantity);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/\?code=/);
  if (javaScript) await alive(page);
  if (quantity) assert.equal(await quantityOf(page).inputValue(), quantity);
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`a promo code makes tickets cheaper until it is used up, ${how}`, async () => {
    let path;
    const code = `SPRING-${javaScript ? 'A' : 'B'}`;
    await visit({ name: `code made ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title: fresh('Cheaper '), price: '10.00', places: 9 });
      await makeCode(page, { javaScript, path, fields: { code, kind: 'percent', value: '25', max_uses: '1' } });
      await page.getByText('Used 0 of 1 times').waitFor();
      assert.equal(await page.locator('#promo-kind option[value="access"]').count(), 0, 'nothing is hidden');
    });
    await visit({ name: `code used ${how}`, javaScript, width: 360, expectedStatus: [422] }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await applyCode(page, { javaScript, path, code: 'nobody' });
      await page.getByText('This code is not known for this event.').first().waitFor();
      await applyCode(page, { javaScript, path, code: code.toLowerCase(), quantity: '2' });
      await page.getByText(`Code ${code} counts.`).waitFor();
      await page.getByText('€7.50').first().waitFor();
      await page.getByRole('button', { name: 'Get tickets' }).click();
      await page.waitForURL(/\/checkout\//);
      await page.getByText(`Code ${code}`).waitFor();
      await page.getByText('€15.00').first().waitFor();
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
      await page.getByText(`Code ${code}`).waitFor();
    });
    await visit({ name: `code used up ${how}`, javaScript }, async (page) => {
      await applyCode(page, { javaScript, path, code });
      await page.getByText('This code was used as often as it can be.').first().waitFor();
    });
    await visit({ name: `code switched off ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      await page.goto(`/organizer${path}/promo-codes`);
      if (javaScript) await alive(page);
      await page.getByText('Used 1 of 1 times').waitFor();
      await page.getByRole('button', { name: `Switch off ${code}` }).click();
      await page.getByText('The code is switched off.').waitFor();
      await page.goto(`/organizer${path}/orders`);
      await page.getByText(`Code ${code}: €5.00 off`).waitFor();
    });
  });

  test(`a code typed without applying it goes along with the choice, ${how}`, async () => {
    let path;
    const code = `ALONG-${javaScript ? 'A' : 'B'}`;
    await visit({ name: `along made ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title: fresh('Along '), price: '10.00', places: 9 });
      await makeCode(page, { javaScript, path, fields: { code, kind: 'amount', value: '4.00' } });
    });
    await visit({ name: `along used ${how}`, javaScript, expectedStatus: [422] }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await page.goto(path);
      if (javaScript) await alive(page);
      await page.getByText('Have a code?').click();
      await page.getByLabel('Promo code').fill('nobody');
      await quantityOf(page).fill('2');
      await page.getByRole('button', { name: 'Get tickets' }).click();
      await page.getByText('This code is not known for this event.').first().waitFor();
      // Refused, and nothing that was typed is lost.
      assert.equal(await quantityOf(page).inputValue(), '2');
      assert.equal(await page.getByLabel('Promo code').inputValue(), 'nobody');
      await page.getByLabel('Promo code').fill(code);
      await quantityOf(page).fill('1');
      await page.getByRole('button', { name: 'Get tickets' }).click();
      await page.waitForURL(/\/checkout\//);
      await page.getByText('€6.00').first().waitFor();
    });
  });

  test(`the page says which code counts when another one is refused, ${how}`, async () => {
    let path;
    const code = `FIRST-${javaScript ? 'A' : 'B'}`;
    await visit({ name: `counts made ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title: fresh('Which '), price: '10.00', places: 9 });
      await makeCode(page, { javaScript, path, fields: { code, kind: 'percent', value: '25' } });
    });
    await visit({ name: `counts used ${how}`, javaScript, width: 360, expectedStatus: [422] }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await applyCode(page, { javaScript, path, code, quantity: '2' });
      const counts = page.getByText(`Code ${code} counts.`);
      await counts.waitFor();
      const field = page.getByLabel('Promo code');
      if (javaScript) {
        await field.fill('');
        await page.getByText('No code is typed now').waitFor();
        assert.equal(await counts.count(), 0);
      }
      await field.fill('nobody');
      await page.getByRole('button', { name: 'Get tickets' }).click();
      await page.getByText('Code NOBODY was refused. This code is not known for this event.').waitFor();
      await page.getByText(`You see the tickets with code ${code}.`).waitFor();
      assert.equal(await counts.count(), 0);
      if (javaScript) {
        // It counts again as soon as it is typed, and the refusal of the other one is over.
        await field.fill(code);
        await counts.waitFor();
        assert.equal(await page.getByText('This code is not known for this event.').count(), 0);
      }
      await field.fill(code);
      await page.getByRole('button', { name: 'Get tickets' }).click();
      await page.waitForURL(/\/checkout\//);
      await page.getByText('€15.00').first().waitFor();
    });
  });

  test(`a hidden ticket type opens with its code alone, ${how}`, async () => {
    let path;
    const code = `DOOR-${javaScript ? 'A' : 'B'}`;
    await visit({ name: `hidden made ${how}`, javaScript }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      path = await publishEvent(page, { javaScript, title: fresh('Backstage '), price: '10.00', places: 1 });
      await page.goto(`/organizer${path}/edit`);
      if (javaScript) await alive(page);
      await page.locator('input[name="form[ticket_types][0][is_hidden]"]').check();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved.').waitFor();
      await makeCode(page, { javaScript, path, fields: { code, kind: 'access' }, opens: true });
    });
    await visit({ name: `hidden used ${how}`, javaScript, width: 360 }, async (page) => {
      await logIn(page, { javaScript, email: 'attendee@example.org' });
      await page.goto(path);
      assert.equal(await page.locator('.picker-row').count(), 0);
      await applyCode(page, { javaScript, path, code });
      const here = page.url();
      await chooseTickets(page, { javaScript, path: here, quantity: 1 });
      await pay(page, { javaScript });
      await page.waitForURL(/\/orders\//);
      // Sold out now, and there is no line for what not everybody sees.
      await page.goto(here);
      await page.getByText('Sold out').first().waitFor();
      assert.equal(await page.getByRole('button', { name: 'Join the waiting list' }).count(), 0);
      assert.equal(await page.getByText('go to the waiting list first').count(), 0);
    });
  });

  test(`a refused code takes the note of the one before away, ${how}`, async () => {
    await visit({ name: `code twice ${how}`, javaScript, expectedStatus: [409, 422] }, async (page) => {
      await logIn(page, { javaScript, email: 'organizer@example.org' });
      const path = await publishEvent(page, { javaScript, title: fresh('Twice '), price: '10.00', places: 9 });
      await makeCode(page, { javaScript, path, fields: { code: 'TWICE', kind: 'percent', value: '10' } });
      await page.getByRole('heading', { name: 'TWICE' }).waitFor();
      await page.locator('[name="form[code]"]').fill('TWICE');
      await page.locator('[name="form[value]"]').fill('10');
      await page.getByRole('button', { name: 'Add the code' }).click();
      await page.getByText('This event has this code already.').first().waitFor();
      assert.equal(await page.getByText('The code is there.').count(), 0);
    });
  });
}

test('a confirm box closes with its answer and does not stand open over the next code', async () => {
  const javaScript = true;
  await visit({ name: 'code deleted', javaScript, width: 360 }, async (page) => {
    await logIn(page, { javaScript, email: 'organizer@example.org' });
    const path = await publishEvent(page, { javaScript, title: fresh('Fewer '), price: '10.00', places: 9 });
    for (const code of ['KEPT-CODE', 'GONE-CODE']) {
      await makeCode(page, { javaScript, path, fields: { code, kind: 'percent', value: '10' } });
    }
    await page.goto(`/organizer${path}/promo-codes`);
    await alive(page);
    await page.locator('summary', { hasText: 'Delete GONE-CODE' }).click();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('The code is deleted.').waitFor();
    await page.getByRole('heading', { name: 'GONE-CODE' }).waitFor({ state: 'detached' });
    await page.locator('summary', { hasText: 'Delete KEPT-CODE' }).waitFor();
    assert.equal(await page.locator('details.confirm[open]').count(), 0);
  });
});
