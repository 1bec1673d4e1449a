// presence: can this official be reached now, and if not, where to turn? Custom elements that enhance markup which is of use
// without them. One request for all contacts of a page, at most one a minute, none while hidden. No dependencies, cookies or
// storage; only textContent, so a strict content security policy with trusted types holds.
const HOME = new URL(import.meta.url).origin;
const EVERY = 60_000; // ms between two requests
const GRACE = 30_000; // ms for which an answer stands after the next was due
const COLLECT = 1_000; // ms for which cards that are added later wait for each other
const ENOUGH = 20; // ids in one request
const SCHEMES = { telephone: 'tel', mobile: 'tel', 'text-telephone': 'tel', 'e-mail': 'mailto' };
const UNKNOWN = {
  sv: ['Vi kan inte visa läget just nu.', 'Du kan ringa eller mejla som vanligt.'],
  en: ['We cannot show availability right now.', 'You can call or e-mail as usual.'],
};
const SHAPES = {
  available: 'M5 12.5l4.5 4.5L19 7.5',
  busy: 'M5 12h14',
  away: 'M9 6l-5 5 5 5M4 11h10a5 5 0 0 1 0 10h-3',
  closed: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  unknown: 'M8.5 8.5a3.5 3.5 0 1 1 4.9 3.2c-.9.4-1.4 1-1.4 2.1M12 18.4v.1',
};

// --- building ---

const build = (node, attributes, children) => {
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};
const make = (name, attributes, ...children) => build(document.createElement(name), attributes, children);
const draw = (name, attributes, ...children) => build(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const icon = (status) =>
  draw('svg', { part: 'icon', viewBox: '0 0 24 24', width: 24, height: 24, 'aria-hidden': true },
    draw('path', { d: SHAPES[status], fill: 'none', stroke: 'currentColor', 'stroke-width': 2.5 }));

// What a channel leads to by itself, as the service has it; nothing for what cannot be followed.
const target = ({ kind, value }, schemes = SCHEMES) =>
  /^https?:/.test(value) ? value : schemes[kind] ? `${schemes[kind]}:${value.replaceAll(' ', '')}` : '';

const link = (href, attributes, ...children) =>
  /^(https?|tel|mailto|sms):/.test(href) ? make('a', { ...attributes, href }, ...children) : make('span', {}, ...children);

// A text with something in its place, which may be in another language.
const filled = (text, place, value, lang) => {
  const [before, after = ''] = (text || place).split(place);
  return [before, lang ? make('span', { lang }, value) : value, after];
};
// An address breaks at its joints.
const whole = (text) => make('bdi', {}, ...text.split(/@/.test(text) ? /(?<=@)/ : /(?=[./]\S)/).flatMap((part, n) => (n ? [make('wbr'), part] : part)));

// The text, with each number and address of the steps that stands in it as a link.
const linked = (text, steps) =>
  steps.flatMap((step) => step.channels || []).reduce((parts, channel) => parts.flatMap((part) => {
    const { display } = channel;
    const at = part.indexOf?.(display) ?? -1;
    return at < 0 ? part : [part.slice(0, at), link(target(channel), {}, whole(display)), part.slice(at + display.length)];
  }), [text]);

// New children, unless they are the same; whoever has the focus on a link keeps it.
const swap = (node, children) => {
  const next = make('p', {}, ...children);
  if (next.innerHTML === node.innerHTML) return;
  const focus = node.contains(document.activeElement) && document.activeElement.href;
  node.replaceChildren(...next.childNodes);
  if (focus) [...node.querySelectorAll('a')].find((a) => a.href === focus)?.focus();
};

const languageOf = (node) => (node.closest('[lang]')?.lang || '').replace(/-[A-Z]+$/, '');
const query = (fields) => new URLSearchParams(Object.entries(fields).filter((field) => field[1]));

// --- cards ---

const cards = new Set();

class Card extends HTMLElement {
  connectedCallback() {
    const before = this.url + this.key;
    const src = new URL(this.getAttribute('src') || HOME, location);
    this.host = src.origin;
    this.centre = `${this.host}/centre`;
    this.key = this.getAttribute('contact') || src.pathname.split('/').pop();
    const url = (this.url = this.source());
    const bare = !this.firstElementChild;
    const child = (name, tag, attributes) => this.querySelector(`[${name}]`) || (url ? this.appendChild(make(tag, { ...attributes, [name]: '' })) : null);
    this.region = child('data-presence', 'p', { role: 'status', 'aria-atomic': true });
    this.list = this.querySelector('[data-referral]') || (this.key || !(bare || /s\//.test(url)) ? null : child('data-referral', 'ol', { class: 'steps' }));
    // Most pages need no more than the state; what else there is comes along in a file of its own.
    if (this.list || this.querySelector('[data-stamp]')) this.more = import('./steps.js');
    const now = Date.now();
    if (before !== this.url + this.key || !(this.deadline > now)) this.begin(url, now); // else it was only moved
    cards.add(this);
    soon(groups.size ? COLLECT : 0);
  }

  begin(url, now) {
    // The first answer is no news: the region speaks only of a later change.
    this.region?.setAttribute('aria-live', 'off');
    const expires = Date.parse(this.dataset.expires);
    this.due = expires > now ? now + EVERY : 0; // 0: never asked for
    this.deadline = this.due && Math.min(expires, this.due) + GRACE;
    if (this.due) {
      this.status = this.region?.dataset.status;
    } else if (url) {
      this.status = '';
      this.region.replaceChildren(); // what it says was so once
      delete this.region.dataset.status;
    }
  }

  disconnectedCallback() {
    cards.delete(this);
  }

  // What to ask. Contacts are asked for together, so theirs is without the ids.
  source() {
    return this.key && `${this.host}/v1/contacts?${query({ lang: languageOf(this), topic: this.getAttribute('topic') })}`;
  }

  fill(answer, lifetime, at) {
    const { status, text, until } = answer.availability || {
      status: (answer.reachable ?? answer.open) ? 'available' : answer.referral ? 'away' : 'closed',
      text: answer.text,
    };
    // The centre is the step to take itself.
    this.show(status, text, answer.referral || (this.key ? {} : { steps: [{ ...answer, text: '', href: this.centre }] }), lifetime, until, at);
  }

  // Nothing newer came: what was said is said no longer; names and numbers stay. Or there is nobody: `referral` is the centre.
  // Where no number is nobody is told to call, but where there are some.
  age(referral, title, at) {
    const { unknown, redirect } = this.dataset;
    const words = UNKNOWN[languageOf(this).slice(0, 2)] || UNKNOWN.en;
    const lost = !redirect && !this.querySelector('a:not([data-presence] a)');
    const text = lost ? this.centre : redirect;
    this.show('unknown', title || unknown || (lost ? words[0] : words.join(' ')), referral || { text, steps: lost ? [{ channels: [{ value: text, display: text }] }] : [] }, referral ? 0 : Infinity, '', at);
  }

  show(status, text, { text: lead, steps = [] } = {}, lifetime, until, at) {
    const before = this.status;
    const news = before && before !== status;
    this.status = status;
    const deadline = (this.deadline = Date.now() + Math.max(lifetime, EVERY) + GRACE);
    const write = () => {
      const stop = text.indexOf('. ') + 1 || text.length;
      const more = this.hasAttribute('brief') ? [] : [make('span', { part: 'detail' }, text.slice(stop + 1)), ' ', make('span', { part: 'redirect' }, ...linked(lead || '', steps))];
      swap(this.region, [icon(status), make('strong', { part: 'label' }, text.slice(0, stop)), ' ', ...more]);
      this.region.dataset.status = status;
    };
    if (this.region) {
      this.region.setAttribute('aria-live', news ? 'polite' : 'off');
      if (news) setTimeout(write, 100); // a screen reader has to see the region listen before the words change
      else write();
    }
    this.querySelector('[data-lead]')?.remove();
    const old = () => this.list?.querySelectorAll('[part=say]').forEach((said) => said.remove());
    if (lifetime === Infinity) old();
    else this.more?.then((file) => deadline === this.deadline && file.default(this, steps, at, { make, link, filled, whole, target, swap, SCHEMES })).catch(old);
    if (before !== status) {
      this.dispatchEvent(new CustomEvent('presence-change', { bubbles: true, detail: { id: this.key, status, text, until } }));
    }
  }
}

class Place extends Card {
  source() {
    this.key = '';
    const lang = query({ lang: languageOf(this) });
    const kind = ['topic', 'unit', 'centre'].find((name) => this.hasAttribute(name));
    return kind ? `${this.host}/v1/${kind === 'centre' ? kind : `${kind}s/${encodeURIComponent(this.getAttribute(kind))}`}?${lang}` : '';
  }
}

// --- asking ---

const groups = new Map(); // a url without ids -> when all its cards are due again, and how often in a row it failed
const running = new Set();
let waiting;

const soon = (wait) => {
  waiting ||= setTimeout(() => {
    waiting = 0;
    beat();
  }, wait);
};

// Every few seconds while somebody looks: answers age by the clock, so a machine that slept can show no stale green.
function beat() {
  if (document.hidden) return;
  const now = Date.now();
  const found = new Map();
  for (const card of cards) if (card.url) found.set(card.url, [...(found.get(card.url) || []), card]);
  for (const [url, { due }] of groups) if (now > due && !found.has(url)) groups.delete(url);
  for (const [url, members] of found) {
    if (!groups.has(url)) groups.set(url, { due: Math.min(...members.map((card) => card.due)), fails: 0 });
    const group = groups.get(url);
    const all = now >= group.due;
    // Those that came later are asked for by themselves once, and with all others from the next time on.
    const wanted = all ? members : group.fails ? [] : members.filter((card) => !card.due);
    if (wanted[0]) ask(url, wanted, group, all);
  }
  for (const card of cards) if (card.deadline ? now > card.deadline : groups.get(card.url)?.fails) card.age();
}
setInterval(beat, 5_000);

async function ask(url, members, group, all) {
  const began = Date.now();
  const controller = new AbortController();
  running.add(controller);
  const slow = setTimeout(() => controller.abort(), 10_000);
  let wait = EVERY;
  if (all) group.due = Infinity;
  for (const card of members) card.due = began;
  const ids = [...new Set(members.map((card) => card.key))].sort();
  try {
    do {
      const part = ids.splice(0, ENOUGH);
      // "no-cache" has the browser ask with If-None-Match by itself, without a preflight.
      const response = await fetch(part[0] ? `${url}&ids=${part}`.replace('?&', '?') : url, { credentials: 'omit', cache: 'no-cache', referrerPolicy: 'no-referrer', signal: controller.signal });
      const head = (name) => response.headers.get(name);
      if (!response.ok && response.status !== 404) {
        wait = 1_000 * head('retry-after') || wait;
        throw response;
      }
      const answer = await response.json();
      const at = Date.parse(head('date'));
      const lifetime = Math.min(Date.parse(head('expires')) - at || 0, 600_000);
      wait = Math.max(wait, lifetime);
      for (const card of members.filter((card) => part.includes(card.key))) {
        const one = answer.contacts ? answer.contacts.find((contact) => contact.id === card.key) : response.ok && answer;
        if (one) card.fill(one, lifetime, at || began);
        else card.age(answer.referral || {}, answer.title, at || began);
      }
    } while (ids[0]);
    group.fails = 0;
  } catch {
    // Who turns away cuts it short: no fault, and due again when they are back.
    wait = document.hidden ? 0 : Math.max(wait, Math.min(EVERY * 2 ** group.fails++, 300_000));
    if (wait) for (const card of members) if (!card.deadline) card.age();
  }
  clearTimeout(slow);
  running.delete(controller);
  const next = began + wait * (1 + Math.random() / 10);
  group.due = all ? next : Math.min(group.due, next);
}

const look = () => {
  if (!document.hidden) return beat();
  for (const each of running) each.abort();
};
document.addEventListener('visibilitychange', look);
addEventListener('pageshow', look);
addEventListener('online', () => {
  for (const group of groups.values()) if (group.fails) group.due = 0;
  look();
});

customElements.define('presence-contact', Card);
customElements.define('presence-card', Place);
// The search is a file of its own: most pages have none.
if (document.querySelector('presence-search')) import('./search.js').then((file) => file.default({ make, link, linked, filled, query, languageOf, HOME }));
// So is the question whether somebody was reached, for a card that has the attribute `reached`.
document.addEventListener('click', ({ target }) => {
  const card = target.closest('presence-contact[reached]');
  const href = target.closest('a')?.href;
  if (card && href) import('./reached.js').then((file) => file.default(card, href, { make, languageOf }));
});
