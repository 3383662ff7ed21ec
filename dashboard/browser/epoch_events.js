// How the epoch control and what shows an epoch speak with each other, within one page and without the server.
//
// The control asks for an epoch; a component that shows samples of the same split takes the wish over, is on the
// screen from what it can fetch by itself, and tells the page. Where nobody listens, the control tells the page.

const WANTED = "proofsheet:epoch-wanted", SHOWN = "proofsheet:epoch-shown", ASKED = "proofsheet:epoch-asked";

// Asks for an epoch (null: the latest, and follow it). passing: more follow at once, so the page need not hear of it.
// Returns whether somebody took it over.
export function want(subject, epoch, { passing = false, ahead = null } = {}) {
  return !window.dispatchEvent(new CustomEvent(WANTED, { cancelable: true, detail: { subject, epoch, passing, ahead } }));
}

// What is shown now: {epoch, pinned}, or null where nobody answers. pinned is null for a view that follows the latest.
export function shownOf(subject) {
  const detail = { subject, answer: null };
  window.dispatchEvent(new CustomEvent(ASKED, { detail }));
  return detail.answer;
}

// Says which epoch is on the screen.
export function tellShown(subject, epoch, pinned) {
  window.dispatchEvent(new CustomEvent(SHOWN, { detail: { subject, epoch, pinned } }));
}

// For what shows an epoch. subject(); go({epoch, passing, ahead}); now() -> {epoch, pinned} or null. Returns what ends it.
export function serveEpochs({ subject, go, now }) {
  const mine = (event) => event.detail.subject === subject();
  return heard({
    [WANTED]: (event) => { if (mine(event)) { event.preventDefault(); go(event.detail); } },
    [ASKED]: (event) => { if (mine(event)) event.detail.answer = now(); },
  });
}

// For the control. shown({epoch, pinned}). Returns what ends it.
export function followEpochs({ subject, shown }) {
  return heard({ [SHOWN]: (event) => { if (event.detail.subject === subject()) shown(event.detail); } });
}

function heard(listeners) {
  for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener);
  return () => { for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name, listener); };
}
