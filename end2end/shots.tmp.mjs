import { launch, alive } from './lib/browser.mjs';
import { chooseTickets, pay, publishEvent, register, openTicket } from './lib/steps.mjs';
const base = process.env.BASE_URL;
const browser = await launch();
const ctx = async (o={}) => { const c = await browser.newContext({ baseURL: base, viewport: {width:1280,height:860}, locale:'en-GB', timezoneId:'Europe/Berlin', reducedMotion:'reduce', ...o }); c.setDefaultTimeout(20000); return c; };
async function shots(page, name, path) {
  for (const [w, scheme] of [[1280,'light'],[360,'dark'],[360,'light'],[1280,'dark']]) {
    await page.setViewportSize({width:w,height:w<600?740:860}); await page.emulateMedia({colorScheme:scheme});
    if (path) { await page.goto(path); await alive(page); }
    await page.waitForTimeout(200);
    await page.screenshot({path:`/tmp/shots/${name}-${w}-${scheme}.png`, fullPage:true});
  }
  await page.setViewportSize({width:1280,height:860}); await page.emulateMedia({colorScheme:'light'});
}
const js = true;
const oc = await ctx(); const org = await oc.newPage();
await register(org, {javaScript:js, organizer:true, name:'Nadia Organizer'});
const path = await publishEvent(org, {javaScript:js, title:'Night of Strings', price:'24.50', places:4});
const slug = path.split('/').pop();
const step = async (name, fn) => { try { await fn(); console.log('ok', name);} catch (e) { console.log('FAIL', name, e.message.split('\n').slice(0,4).join(' | ')); } };
await step('promo', async () => {
  await org.goto(`/organizer/events/${slug}/promo-codes`); await alive(org);
  await org.getByLabel('Code', {exact:true}).fill('SUMMER24');
  await org.locator('[name="form[value]"]').fill('15');
  await org.getByRole('button',{name:/Add/}).last().click();
  await org.getByText('SUMMER24').first().waitFor();
  await shots(org,'promos',`/organizer/events/${slug}/promo-codes`);
});
const ac = await ctx(); const ana = await ac.newPage();
await register(ana,{javaScript:js,name:'Ana Buyer'});
await step('picker', async () => { await shots(ana,'event',path); await ana.goto(path+'?code=SUMMER24'); await alive(ana); await shots(ana,'event-code',path+'?code=SUMMER24'); });
await step('buy', async () => { await chooseTickets(ana,{javaScript:js,path,quantity:2}); await shots(ana,'checkout'); await pay(ana,{javaScript:js}); await ana.waitForURL(/orders/); await alive(ana); await ana.waitForTimeout(800); await shots(ana,'order'); });
await step('ticket', async () => { await ana.goto('/tickets'); await alive(ana); await ana.locator('main a[href^="/tickets/"]').first().click(); await ana.waitForURL(/\/tickets\/.+/); await ana.locator('.ticket-qr svg').waitFor(); const t=ana.url(); await shots(ana,'ticket');
  const d = ana.locator('summary', {hasText:/Pass|somebody/}).first(); if (await d.count()) await d.click();
  await ana.locator('[name="to"], [name="form[to]"]').first().fill('friend@example.org'); await shots(ana,'pass-form'); await ana.getByRole('button',{name:/Offer|Pass|link/}).last().click(); await ana.waitForTimeout(1500); await shots(ana,'passed'); });
const bc = await ctx(); const ben = await bc.newPage();
await register(ben,{javaScript:js,name:'Ben Waiter'});
await step('soldout', async () => { const cc=await ctx(); const c=await cc.newPage(); await register(c,{javaScript:js,name:'Cleo'}); await chooseTickets(c,{javaScript:js,path,quantity:2}); await c.waitForURL(/checkout/); 
  await shots(ben,'soldout',path); await ben.getByRole('button',{name:/Join the waiting list/}).click(); await ben.waitForURL(/tickets/); await alive(ben); await shots(ben,'in-line');
  await shots(org,'places',`/organizer/events/${slug}/places`); await shots(org,'orders',`/organizer/events/${slug}/orders`); });
await step('room', async () => { const p2 = await publishEvent(org,{javaScript:js,title:'The Last Rush',price:'9',places:50}); const s2=p2.split('/').pop(); await org.goto(`/organizer/events/${s2}/edit`); await alive(org); await org.getByLabel('People a minute').fill('1'); await org.getByRole('button',{name:'Set up the waiting room'}).click(); await org.getByText('The waiting room is set up.').waitFor(); await shots(org,'room-editor'); 
  await shots(ben,'before-room',p2); for (const b of [ana,ben]) { await b.goto(p2); await alive(b); await b.getByRole('button',{name:'Join the waiting room'}).click(); await b.waitForURL(/waiting-room$/); await alive(b); await b.waitForTimeout(3500);} await shots(ben,'room-waiting'); await shots(ana,'room-turn'); });
await browser.close();
