// "Did you reach somebody?", asked once a link to call or write was followed. The answer is counted and no more: no cookie, no
// storage, nothing that tells who answers. On our own pages the form stands ready; on others presence.js asks for one.
const ASKED = { tel: 'telephone', mailto: 'e-mail' };
const WORDS = {
  sv: ['Nådde du någon?', 'Ja', 'Nej', 'Tack för ditt svar.'],
  en: ['Did you reach somebody?', 'Yes', 'No', 'Thank you for your answer.'],
};

const kindOf = (href) => ASKED[href.split(':')[0]] || /\/go\/[^/?]+\/(?!self-service)([^/?]+)/.exec(href)?.[1];

const send = async (event) => {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams({ kind: form.elements.kind.value, answer: event.submitter.value });
  const question = form.querySelector('fieldset');
  question.disabled = true;
  try {
    await fetch(form.action, { method: 'POST', mode: 'no-cors', credentials: 'omit', referrerPolicy: 'no-referrer', body });
    const line = form.querySelector('[data-thanks]');
    question.remove();
    line.textContent = line.dataset.thanks;
    line.focus(); // the button that had it is gone
  } catch {
    question.disabled = false; // the network is gone: it can be tapped again
  }
};

const ask = (form, href) => {
  const kind = kindOf(href || '');
  if (!kind) return;
  form.elements.kind.value = decodeURIComponent(kind);
  form.dataset.asked = '';
};

for (const form of document.querySelectorAll('[data-reached]')) {
  form.addEventListener('submit', send);
  document.addEventListener('click', ({ target }) => ask(form, target.closest?.('a[href]')?.href));
}

// A question of its own for a card on somebody else's page.
export default (card, href, { make, languageOf }) => {
  const words = WORDS[languageOf(card).slice(0, 2)] || WORDS.en;
  if (!kindOf(href) || card.querySelector('.reached')) return;
  const button = (value, text) => make('button', { name: 'answer', value }, text);
  const form = make('form', { class: 'reached', method: 'post', action: `${card.host}/contacts/${card.key}/reached` },
    make('fieldset', {}, make('legend', {}, words[0]), make('input', { type: 'hidden', name: 'kind' }), button('yes', words[1]), ' ', button('no', words[2])),
    make('p', { tabindex: -1, 'data-thanks': words[3] }));
  form.addEventListener('submit', send);
  ask(form, href);
  card.append(form);
};
