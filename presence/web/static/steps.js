// What stands beside the state on our own pages and on the cards of topics and units: the steps, and of when they are. The same
// markup as templates/parts.html makes. Loaded by presence.js for a card that has room for it.
const PEOPLE = ['contact', 'deputy', 'colleague'];

// The time of day as the server writes it, in the organisation's zone, wherever somebody reads it.
const clock = ({ zone, form, whole, halves }, at) => {
  const [hour, minute] = new Date(at).toLocaleTimeString('sv', { timeZone: zone, timeStyle: 'short' }).split(':');
  const parts = { HH: hour, H: +hour, h: +hour % 12 || 12, mm: minute, a: halves.split('|')[+(hour > 11)] };
  return (+minute ? form : whole).replace(/'([^']*)'|HH?|h|mm|a/g, (part, quoted) => quoted ?? parts[part]);
};

const date = (card, at) => {
  const stamp = card.querySelector('[data-stamp]');
  if (!stamp) return;
  const { dataset } = stamp;
  const time = (stamp.textContent = clock(dataset, at));
  stamp.dateTime = new Date(at).toISOString();
  const day = new Date(at).toLocaleDateString(dataset.locale, { timeZone: dataset.zone, dateStyle: 'full' });
  card.querySelector('.paper').textContent = dataset.full.replace('{date}', day).replace('{time}', time);
};

export default (card, steps, at, { make, link, filled, whole, target, swap, SCHEMES }) => {
  date(card, at);
  if (!card.list) return;
  const words = card.dataset;
  const schemes = words.schemes ? Object.fromEntries(words.schemes.split(' ').map((pair) => pair.split(':'))) : SCHEMES;
  const live = (words.live || 'telephone mobile text-telephone chat visit').split(' ');
  const phrases = (words.phrases || '').split('|');
  // A postal code holds together.
  const shown = ({ display }) => whole(display.replace(/(?<![\d-])(?<!\d )([1-9]\d\d) (\d\d)(?! ?\d)/g, '$1\u00a0$2'));

  const way = (channel, step, main) => {
    const { label, href, open, reply } = channel;
    const kind = make('span', { class: 'kind' }, label);
    const leads = target(channel, schemes);
    return make('li', channel === main ? { class: 'main' } : {},
      ...(channel === main || (step.open && open && leads) ? [link(href, { class: 'act' }, kind, ' ', shown(channel))] : [kind, ' ', leads ? link(leads, {}, shown(channel)) : shown(channel)]),
      ...(reply ? [' ', make('span', { class: 'note' }, ...filled(words.reply, '{reply}', reply, phrases.includes(reply) ? '' : words.own))] : []));
  };

  const row = (step, main) => {
    const own = words.own && !PEOPLE.includes(step.to) ? { lang: words.own } : {};
    const who = step.href ? link(step.href, { class: 'act' }, ...filled(words.service, '{name}', step.name, words.named)) : make('strong', own, step.name);
    return make('li', { ...(main ? { class: 'now' } : {}), 'data-open': step.open ? 'yes' : 'no' },
      make('p', { class: 'who' }, who),
      ...(step.text ? [make('p', { part: 'say' }, step.text)] : []),
      ...(step.channels?.length ? [make('ul', { class: 'ways' }, ...step.channels.map((channel) => way(channel, step, main)))] : []));
  };

  // Somebody who cannot be reached is not offered on their own page.
  const offered = steps.filter((step) => step.open || step.id !== card.key);
  const ways = offered.flatMap((step) => (step.channels || []).filter((channel) => channel.open && target(channel, schemes)).map((channel) => [step, channel]));
  const written = ways.filter(([, { kind }]) => !live.includes(kind));
  // One button: for who is open, else for a mail, to which the sentence above leads, too, or for what else can be written.
  const [first, main] = ways.find(([step]) => step.open) || written.find(([, { kind }]) => kind === 'e-mail') || written[0] || [];
  swap(card.list, offered.map((step) => row(step, step === first && main)));
};
