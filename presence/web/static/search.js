// presence-search: hits as one types. Loaded by presence.js where a page has one; the form in it works without.
export default ({ make, link, linked, filled, query, languageOf, HOME }) => {
  class Search extends HTMLElement {
    connectedCallback() {
      this.host = new URL(this.getAttribute('src') || HOME, location).origin;
      this.cards = {}; // by id: whoever stays among the hits keeps what is known of them
      this.hits = this.querySelector('[data-hits]') || this.appendChild(make('div', { 'data-hits': '' }));
      this.line = this.querySelector('[data-count-line]') || this.appendChild(make('p', { 'data-count-line': '', role: 'status' }));
      const field = this.querySelector('input[name=q]');
      field?.addEventListener('input', () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.find(field.value.trim()), 30);
      });
    }

    async find(q) {
      this.running?.abort();
      const { signal } = (this.running = new AbortController());
      const lang = languageOf(this);
      const { none = '', failed = '', redirect = '' } = this.dataset;
      try {
        if (q.length < 2) return this.list({});
        const response = await fetch(`${this.host}/v1/contacts?${query({ q, lang })}`, { credentials: 'omit', referrerPolicy: 'no-referrer', signal });
        const answer = await response.json();
        const { text = '', steps = [] } = answer.referral || {};
        if (response.ok) this.list(answer, query({ lang }), [none]);
        // Earlier hits do not stand under other words: it is said that there are none, and who helps.
        else this.list({}, '', [response.status === 429 ? answer.title : failed, '. ', ...linked(text, steps)]);
      } catch {
        if (!signal.aborted) this.list({}, '', [failed, '. ', redirect]); // else a newer question took over
      }
    }

    list(found, more, otherwise = []) {
      const { dataset } = this;
      this.late = [];
      // A unit that was asked for by its name comes before those who merely belong to it.
      const order = found.units?.[0]?.meant ? ['topics', 'units', 'contacts'] : ['topics', 'contacts', 'units'];
      // Where nothing fits, the centre stands in: it is not counted as found, nor shown where the page shows it anyway.
      const real = (kind) => (found[kind] || []).filter((hit) => !hit.instead);
      const total = order.flatMap(real).length;
      const shown = (kind) => (total || document.querySelector('presence-card[centre]') ? real(kind) : found[kind] || []);
      const kinds = order.filter((kind) => shown(kind).length);
      this.hits.replaceChildren(
        kinds[0] && dataset.results ? make('h2', { class: 'unseen' }, dataset.results) : '',
        ...kinds.flatMap((kind) => [
          make('h3', {}, dataset[kind] || ''),
          make('ul', { class: 'hits' }, ...shown(kind).map((hit, n) => this.hit(hit, kind, `${this.host}/${kind}/${hit.id}?${more}`, n))),
        ]));
      // One announcement when the typing has come to rest; that there is nothing is said at once, for nothing else is to be seen.
      clearTimeout(this.telling);
      const said = make('p', {}, ...(total ? [((total === 1 ? dataset.countOne : dataset.count) || '').replace('{count}', total)] : otherwise));
      const tell = () => said.textContent === this.line.textContent || this.line.replaceChildren(...said.childNodes);
      const rested = () => {
        tell();
        for (const [item, id] of this.late) item.append(this.card(id));
      };
      if (total) this.telling = setTimeout(rested, 800);
      else tell();
    }

    hit({ id, name, posts, path, link: service }, kind, href, n) {
      const { own, translated = '', service: words } = this.dataset;
      const mark = own ? { lang: own } : {};
      const foreign = kind === 'units' || (kind === 'topics' && !translated.split(' ').includes(id)) ? mark : {};
      const about = path ? path.slice(0, -1) : [posts?.[0]?.title, posts?.[0]?.unit?.path.at(-1)];
      const note = about.filter(Boolean).join(path ? ' › ' : ', ');
      const item = make('li', {}, link(href, { class: 'hit', ...foreign }, name), ' ', note && make('span', { class: 'note', ...mark }, note),
        service ? link(`${this.host}/go/${id}/self-service`, { class: 'act' }, ...filled(words, '{name}', name, foreign.lang)) : '');
      if (kind === 'contacts' && n < 5) this.cards[id] ? item.append(this.cards[id]) : this.late.push([item, id]);
      return item;
    }

    // Whether they can be reached is asked for the first alone, when the typing has come to rest: a day's look-ups have a bound.
    card(id) {
      return (this.cards[id] ??= make('presence-contact', { src: `${this.host}/v1/contacts/${id}`, brief: '' }, make('span', { 'data-presence': '' })));
    }
  }

  customElements.define('presence-search', Search);
};
