// presence: can this official be reached now, and if not, where to turn? Custom elements that enhance markup which is of use
// without them. One request for all contacts of a page, at most one a minute, none while hidden. No dependencies, cookies or
// storage; only textContent, so a strict content security policy with trusted types holds.
const HOME = new URL(import.meta.url).origin;
const EVERY = 60_000; // ms between two requests
const GRACE = 30_000; // ms for which an answer stands after the next was due
const ENOUGH = 20; // ids in one request
const UNKNOWN = {
  sv: 'Vi kan inte visa läget just nu. Du kan ringa eller mejla som vanligt.',
  en: 'We cannot show availability right now. You can call or e-mail as usual.',
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

// What a value leads to by itself; nothing for what cannot be followed.
const target = (value) =>
  /^https?:/.test(value) ? value : /^\S+@\S+$/.test(value) ? 'mailto:' + value : /^\+?[\d -]+$/.test(value) ? 'tel:' + value.replace(/[ -]/g, '') : '';

const link = (href, attributes, ...children) =>
  /^(https?|tel|mailto):/.test(href) ? make('a', { ...attributes, href }, ...children) : make('span', {}, ...children);

const said = (text, place, value) => (text || place).replace(place, value);
// An address breaks at its joints.
const whole = (text) => make('bdi', {}, ...text.split(/@/.test(text) ? /(?<=@)/ : /(?=[./]\S)/).flatMap((part, n) => (n ? [make('wbr'), part] : part)));
const channelsOf = (steps) => steps.flatMap((step) => step.channels || []);

// The text, with each number and address of the steps that stands in it as a link.
const linked = (text, steps) =>
  channelsOf(steps).reduce((parts, { value, display }) => parts.flatMap((part) => {
    const at = part.indexOf?.(display) ?? -1;
    return at < 0 ? part : [part.slice(0, at), link(target(value), {}, whole(display)), part.slice(at + display.length)];
  }), [text]);

const way = ({ label, display, value, href, open, reply }, now, words) => {
  const kind = make('span', { class: 'kind' }, label);
  const shown = whole(display);
  return make('li', {}, ...(now && open && target(value) ? [link(href, { class: 'act' }, kind, ' ', shown)] : [kind, ' ', link(target(value), {}, shown)]),
    ' ', reply ? make('span', { class: 'note' }, said(words.reply, '{reply}', reply)) : '');
};

const row = (step, first, words) =>
  make('li', step === first ? { class: 'now' } : {},
    make('p', { class: 'who' }, step.href ? link(step.href, { class: 'act' }, said(words.service, '{name}', step.name)) : make('strong', {}, step.name)),
    make('p', { part: 'say' }, step.text),
    make('ul', { class: 'ways' }, ...channelsOf([step]).map((channel) => way(channel, step.open, words))));

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
    const src = new URL(this.getAttribute('src') || HOME, location);
    this.host = src.origin;
    this.key = this.getAttribute('contact') || src.pathname.split('/').pop();
    const url = (this.url = this.source());
    const child = (name, tag, attributes) => this.querySelector(`[${name}]`) || (url ? this.appendChild(make(tag, { ...attributes, [name]: '' })) : null);
    this.region = child('data-presence', 'p', { role: 'status', 'aria-atomic': true });
    this.list = this.querySelector('[data-referral]') || (this.key || !/s\//.test(url) ? null : child('data-referral', 'ol', { class: 'steps' }));
    // The first answer is no news: the region speaks only of a later change.
    this.region?.setAttribute('aria-live', 'off');
    const now = Date.now();
    const expires = Date.parse(this.dataset.expires);
    this.due = expires > now ? now + EVERY : 0;
    this.deadline = this.due && Math.min(expires, this.due) + GRACE;
    if (this.due) {
      this.status = this.region?.dataset.status;
    } else if (url) {
      this.region.replaceChildren(); // what it says was so once
      delete this.region.dataset.status;
    }
    cards.add(this);
    soon();
  }

  disconnectedCallback() {
    cards.delete(this);
  }

  // What to ask. Contacts are asked for together, so theirs is without the ids.
  source() {
    return this.key && `${this.host}/v1/contacts?${query({ lang: languageOf(this), topic: this.getAttribute('topic') })}`;
  }

  fill(answer, lifetime) {
    const { status, text, until } = answer.availability || {
      status: (answer.reachable ?? answer.open) ? 'available' : answer.referral ? 'away' : 'closed',
      text: answer.text,
    };
    this.show(status, text, answer.referral, lifetime, until);
    const stamp = this.querySelector('[data-stamp]');
    if (stamp) {
      const time = new Date().toLocaleTimeString(languageOf(this).slice(0, 2) || [], { timeStyle: 'short' });
      stamp.textContent = stamp.textContent.includes('.') ? time.replace(':', '.') : time;
    }
  }

  // Nothing newer came: what was said is said no longer; names and numbers stay. Or there is nobody: `referral` is the centre.
  age(referral, title) {
    const text = title || this.dataset.unknown || UNKNOWN[languageOf(this).slice(0, 2)] || UNKNOWN.en;
    this.show('unknown', text, referral || { text: this.dataset.redirect }, referral ? 0 : Infinity);
  }

  show(status, text, { text: lead, steps = [] } = {}, lifetime, until) {
    const before = this.status;
    const news = before && before !== status;
    const stale = lifetime === Infinity;
    this.status = status;
    this.deadline = Date.now() + Math.max(lifetime, EVERY) + GRACE;
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
    if (this.list && stale) {
      for (const said of this.list.querySelectorAll('[part=say]')) said.remove();
    } else if (this.list) {
      const first = steps.find((step) => step.open && step.to !== 'self-service');
      // Somebody who cannot be reached is not offered on their own page.
      swap(this.list, steps.filter((step) => step.open || step.id !== this.key).map((step) => row(step, first, this.dataset)));
    }
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

const asked = new Map(); // url -> when it is due again, and how often in a row it failed
let timer;
const running = new Set();

const soon = (wait = 0) => {
  clearTimeout(timer);
  timer = setTimeout(beat, wait);
};

// Every few seconds while somebody looks: answers age by the clock, so a machine that slept can show no stale green.
function beat() {
  if (document.hidden || !cards.size) return;
  const now = Date.now();
  for (const [url, members] of requests()) {
    if (!asked.has(url)) asked.set(url, { due: Math.min(...members.map((card) => card.due)), fails: 0 });
    if (now >= asked.get(url).due) ask(url, members, asked.get(url));
  }
  for (const card of cards) if (card.deadline && now > card.deadline) card.age();
  soon(5_000);
}

function requests() {
  const found = new Map();
  for (const url of new Set([...cards].map((card) => card.url))) {
    const members = [...cards].filter((card) => card.url === url);
    const ids = [...new Set(members.map((card) => card.key))].sort();
    if (url && !ids[0]) found.set(url, members);
    while (url && ids[0]) {
      const part = ids.splice(0, ENOUGH);
      found.set(`${url}&ids=${part}`.replace('?&', '?'), members.filter((card) => part.includes(card.key)));
    }
  }
  return found;
}

async function ask(url, members, state) {
  const began = Date.now();
  const controller = new AbortController();
  running.add(controller);
  const slow = setTimeout(() => controller.abort(), 10_000);
  let wait = EVERY;
  state.due = Infinity;
  try {
    // "no-cache" has the browser ask with If-None-Match by itself, without a preflight.
    const response = await fetch(url, { credentials: 'omit', cache: 'no-cache', referrerPolicy: 'no-referrer', signal: controller.signal });
    const head = (name) => response.headers.get(name);
    if (!response.ok && response.status !== 404) {
      wait = 1_000 * head('retry-after') || wait;
      throw response;
    }
    const answer = await response.json();
    const lifetime = Math.min(Date.parse(head('expires')) - Date.parse(head('date')) || 0, 600_000);
    wait = Math.max(wait, lifetime);
    state.fails = 0;
    for (const card of members) {
      const one = answer.contacts ? answer.contacts.find((contact) => contact.id === card.key) : response.ok && answer;
      if (one) card.fill(one, lifetime);
      else card.age(answer.referral || {}, answer.title);
    }
  } catch {
    // Who turns away cuts it short: no fault, and due again when they are back.
    wait = document.hidden ? 0 : Math.max(wait, Math.min(EVERY * 2 ** state.fails++, 300_000));
    if (wait) for (const card of members) if (!card.deadline) card.age();
  }
  clearTimeout(slow);
  running.delete(controller);
  state.due = began + wait * (1 + Math.random() / 10);
}

const look = () => {
  if (!document.hidden) return beat();
  for (const each of running) each.abort();
};
document.addEventListener('visibilitychange', look);
addEventListener('pageshow', look);
addEventListener('online', () => {
  for (const state of asked.values()) if (state.fails) state.due = 0;
  look();
});

customElements.define('presence-contact', Card);
customElements.define('presence-card', Place);
// The search is a file of its own: most pages have none.
if (document.querySelector('presence-search')) import('./search.js').then((file) => file.default({ make, link, said, query, languageOf, HOME }));
// So is the question whether somebody was reached, for a card that has the attribute `reached`.
document.addEventListener('click', ({ target }) => {
  const card = target.closest('presence-contact[reached]');
  const href = target.closest('a')?.href;
  if (card && href) import('./reached.js').then((file) => file.default(card, href, { make, languageOf }));
});
