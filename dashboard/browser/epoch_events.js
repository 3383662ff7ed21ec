// Events between the epoch control and the components that show an epoch, within one page and without the server.
//
// The control requests an epoch. A component that shows samples of the same split handles the request: it shows what it
// can fetch by itself and updates the page's state. Where no component does, the control updates the state.

const REQUESTED = "proofsheet:epoch-requested", SHOWN = "proofsheet:epoch-shown", QUERIED = "proofsheet:epoch-queried";

// Requests an epoch (null: the latest, and follow it). passing: another request follows at once, so the page's state need
// not change yet. ahead: the epoch that will probably come next. Returns whether a component handles the request.
export function requestEpoch(subject, epoch, { passing = false, ahead = null } = {}) {
  return !window.dispatchEvent(new CustomEvent(REQUESTED, { cancelable: true, detail: { subject, epoch, passing, ahead } }));
}

// The epoch on the screen: {epoch, pinned}, or null where no component shows one. pinned is null when the latest is followed.
export function queryShown(subject) {
  const detail = { subject, answer: null };
  window.dispatchEvent(new CustomEvent(QUERIED, { detail }));
  return detail.answer;
}

// Announces which epoch is on the screen.
export function announceShown(subject, epoch, pinned) {
  window.dispatchEvent(new CustomEvent(SHOWN, { detail: { subject, epoch, pinned } }));
}

// For a component that shows an epoch. subject(); go({epoch, passing, ahead}); shown() -> {epoch, pinned}. Returns a
// function that removes the listeners.
export function handleEpochs({ subject, go, shown }) {
  const isOurs = (event) => event.detail.subject === subject();
  return listen({
    [REQUESTED]: (event) => { if (isOurs(event)) { event.preventDefault(); go(event.detail); } },
    [QUERIED]: (event) => { if (isOurs(event)) event.detail.answer = shown(); },
  });
}

// For the control. onShown({epoch, pinned}). Returns a function that removes the listener.
export function observeShown({ subject, onShown }) {
  return listen({ [SHOWN]: (event) => { if (event.detail.subject === subject()) onShown(event.detail); } });
}

function listen(listeners) {
  for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener);
  return () => { for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name, listener); };
}
