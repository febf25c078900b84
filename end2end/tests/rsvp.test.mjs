// Are you coming? Set up, answered, full, waited for, freed: with JavaScript and without it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alive, useBrowser, visit } from '../lib/browser.mjs';
import { register } from '../lib/steps.mjs';

useBrowser();

async function ready(page, javaScript) {
  await page.waitForLoadState('load');
  if (javaScript) await alive(page);
}

async function open(page, path, javaScript) {
  await page.goto(path);
  await ready(page, javaScript);
}

/** A published event with so many places that people answer to; returns its path. */
async function publishRsvpEvent(page, { javaScript, title, places }) {
  await open(page, '/organizer/events/new', javaScript);
  await page.getByLabel('Title', { exact: true }).fill(title);
  await page.getByLabel('Begins').fill('2031-05-17T15:00');
  await page.getByLabel('Ends', { exact: true }).fill('2031-05-17T18:00');
  await page.locator('[name="form[time_zone]"]').fill('Europe/Berlin');
  await page.locator('[name="form[capacity]"]').fill(String(places));
  await page.getByRole('button', { name: 'Save draft' }).click();
  await page.waitForURL(/\/organizer\/events\/.+\/edit/);
  await ready(page, javaScript);
  await page.getByLabel('People in one answer').fill('2');
  await page.getByLabel('Ask again').fill('48');
  await page.getByLabel('Answer until').fill('12');
  await page.getByRole('button', { name: 'Take RSVPs' }).click();
  await page.getByText('Saved: people answer whether they come.').waitFor();
  await ready(page, javaScript);
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('It is out in the world.').waitFor();
  await page.waitForLoadState('load');
  return `/events/${new URL(page.url()).pathname.split('/')[3]}`;
}

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript';

  test(`from an answer to the line and back, ${how}`, async () => {
    let path;
    await visit({ name: `rsvp organizer ${how}`, javaScript }, async (page) => {
      await register(page, { javaScript, organizer: true, name: 'Pia Picnic' });
      path = await publishRsvpEvent(page, { javaScript, title: `Picnic ${how} ${Date.now()}`, places: 2 });

      await visit({ name: `rsvp going ${how}`, javaScript, width: 360 }, async (goer) => {
        await register(goer, { javaScript, name: 'Gus Going' });
        await open(goer, path, javaScript);
        await goer.getByText('Nobody is going yet').waitFor();
        await goer.getByLabel('Who comes').selectOption('2');
        await goer.getByRole('button', { name: 'Going', exact: true }).click();
        await goer.getByText('You are going, 2 of you.').waitFor();
        await goer.getByText('No place is left').waitFor();

        await visit({ name: `rsvp waiting ${how}`, javaScript }, async (waiter) => {
          await register(waiter, { javaScript, name: 'Wim Waits' });
          await open(waiter, path, javaScript);
          await waiter.getByRole('button', { name: 'Interested', exact: true }).click();
          await waiter.getByText('1 interested').waitFor();
          await ready(waiter, javaScript);
          await waiter.getByRole('button', { name: 'Join the waiting list' }).click();
          await waiter.waitForURL(/\/tickets/);
          await waiter.getByText('You are next in line.').waitFor();

          await goer.getByLabel('Who comes').selectOption('1');
          await goer.getByRole('button', { name: 'Going', exact: true }).click();
          await goer.getByText('You are going.').waitFor();

          await open(waiter, path, javaScript);
          await waiter.getByRole('button', { name: 'Take them' }).click();
          await waiter.getByText('You are going.').waitFor();
          await waiter.getByText('2 people are going').first().waitFor();
        });

        // It is full: the place is asked about before it goes to somebody else.
        await open(goer, path, javaScript);
        await goer.getByText('Not coming after all…').click();
        await goer.getByRole('button', { name: 'Not going', exact: true }).click();
        await goer.getByText('1 person is going').first().waitFor();
      });

      await open(page, `/organizer${path}/rsvps`, javaScript);
      await page.getByText('Going: 1.').waitFor();
      assert.equal(await page.getByRole('heading', { name: 'Wim Waits' }).count(), 1);
    });
  });
}
