// "Did you reach somebody?", asked once a link to call or write was followed. The answer is counted and no more: no cookie, no
// storage, nothing that tells who answers.
const form = document.querySelector('[data-reached]');
const ASKED = { tel: 'telephone', mailto: 'e-mail' };

const kindOf = (href) => ASKED[href.split(':')[0]] || /\/go\/[^/?]+\/(?!self-service)([^/?]+)/.exec(href)?.[1];

document.addEventListener('click', ({ target }) => {
  const kind = kindOf(target.closest?.('a[href]')?.href || '');
  if (!kind || !form) return;
  form.elements.kind.value = decodeURIComponent(kind);
  form.dataset.asked = '';
});

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
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
});
