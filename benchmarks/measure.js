// Times from a person's act to the last visible tile painted, inside the page.
() => {
  const roots = () => [document, ...[...document.querySelectorAll('*')].map((e) => e.shadowRoot).filter(Boolean)];
  const find = (selector) => { for (const root of roots()) { const e = root.querySelector(selector); if (e) return e; } };
  const visible = (tile, box) => { const r = tile.getBoundingClientRect(); return r.bottom > box.top && r.top < box.bottom; };
  const tiles = () => {
    const view = find('.scroll');
    if (!view) return [];
    const box = view.getBoundingClientRect();
    return [...view.querySelectorAll('.tile:not([hidden])')].filter((tile) => visible(tile, box));
  };
  const bench = (window.bench = {
    find,
    // What the visible tiles say, and what is shown of how many.
    gallery() {
      const shown = tiles();
      const root = find('.gallery');
      if (!root || root.hasAttribute('aria-busy') || !shown.length || shown.some((t) => t.querySelector('.loading'))) return null;
      return find('.total').textContent + shown.slice(0, 40).map((t) => t.getAttribute('aria-label')).join();
    },
    confusion() {
      const root = find('.confusion'), cards = find('.confusion .cards');
      return root?.dataset.epoch && cards ? root.dataset.epoch + cards.textContent : null;
    },
    images() {
      const all = [...document.querySelectorAll('[data-testid="stImage"] img')];
      if (!all.length || document.querySelector('[data-stale="true"]')) return null;
      if (all.some((image) => !image.complete || !image.naturalWidth)) return null;
      return all.length + all[0].src + all.at(-1).src + all[50]?.src;
    },
    blank: () => tiles().some((tile) => tile.querySelector('.loading')),
    // Milliseconds from `act` until `state` says something else than before, and one more frame.
    time(act, state) {
      const before = bench[state](), begun = performance.now();
      act();
      return bench.until(before, state, begun);
    },
    until: (before, state, begun, limit = 20000) => new Promise((resolve, reject) => {
      const look = () => {
        const now = bench[state]();
        if (now !== null && now !== before) requestAnimationFrame(() => resolve(performance.now() - begun));
        else if (performance.now() - begun > limit) reject(new Error(`nothing changed in ${limit} ms`));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }),
    // As `time`, from the next key that a person presses.
    expect(state) {
      const before = bench[state]();
      window.answered = new Promise((resolve, reject) => {
        addEventListener('keydown', () => bench.until(before, state, performance.now()).then(resolve, reject), { once: true, capture: true });
      });
    },
    focusEpochs: () => find('.epochs .slider').focus(),
    // Scrolls all the way, a third of a screen a frame; the longest time in which some visible tile was blank.
    async scroll() {
      const view = find('.scroll');
      let longest = 0, since = null, frames = 0;
      const begun = performance.now();
      for (view.scrollTop = 0; view.scrollTop + view.clientHeight < view.scrollHeight - 1; frames++) {
        view.scrollTop += view.clientHeight / 3;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        if (!bench.blank()) since = null;
        else { since ??= now; longest = Math.max(longest, now - since); }
      }
      return { longest, seconds: (performance.now() - begun) / 1000, frames };
    },
  });
}
