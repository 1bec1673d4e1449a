// presence-search: hits as one types. Loaded by presence.js where a page has one; the form in it works without.
export default ({ make, link, said, query, languageOf, HOME }) => {
  class Search extends HTMLElement {
    connectedCallback() {
      this.host = new URL(this.getAttribute('src') || HOME, location).origin;
      this.hits = this.querySelector('[data-hits]') || this.appendChild(make('div', { 'data-hits': '' }));
      this.line = this.querySelector('[data-count-line]') || this.appendChild(make('p', { 'data-count-line': '', role: 'status' }));
      const field = this.querySelector('input[name=q]');
      field?.addEventListener('input', () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.find(field.value.trim()), 60);
      });
    }

    async find(q) {
      this.running?.abort();
      this.running = new AbortController();
      const more = { lang: languageOf(this) };
      try {
        const url = `${this.host}/v1/contacts?${query({ q, ...more })}`;
        const response = q.length > 1 && (await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', signal: this.running.signal }));
        if (response.ok ?? true) this.list(response ? await response.json() : {}, query(more), response);
      } catch {
        // A newer question took over, or the network is gone: the form still works.
      }
    }

    list(found, more, asked) {
      const { dataset } = this;
      // A unit that was asked for by its name comes before those who merely belong to it.
      const order = found.units?.[0]?.meant ? ['topics', 'units', 'contacts'] : ['topics', 'contacts', 'units'];
      const kinds = order.filter((kind) => found[kind]?.length);
      // Where nothing fits, the centre stands in: it is shown, but not counted as found.
      const total = kinds.flatMap((kind) => found[kind]).filter((hit) => !hit.instead).length;
      const none = asked && !total ? dataset.none || '' : '';
      this.hits.replaceChildren(none ? make('p', {}, none) : '', ...kinds.flatMap((kind) => [
        make('h3', {}, dataset[kind] || ''),
        make('ul', { class: 'hits' }, ...found[kind].map((hit) => this.hit(hit, `${this.host}/${kind}/${hit.id}?${more}`))),
      ]));
      // One announcement when the typing has come to rest.
      clearTimeout(this.telling);
      const count = total ? (total === 1 ? dataset.countOne : dataset.count) || '' : none;
      this.telling = setTimeout(() => (this.line.textContent = count.replace('{count}', total)), 800);
    }

    hit({ id, name, posts, path, link: service }, href) {
      const about = path ? path.slice(0, -1) : [posts?.[0]?.title, posts?.[0]?.unit?.path.at(-1)];
      return make('li', {}, link(href, { class: 'hit' }, name), ' ', make('span', { class: 'note' }, about.filter(Boolean).join(', ')),
        service ? link(`${this.host}/go/${id}/self-service`, { class: 'act' }, said(this.dataset.service, '{name}', name)) : '');
    }
  }

  customElements.define('presence-search', Search);
};
