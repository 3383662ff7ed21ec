// Goes to another epoch without the page: its numbers are fetched, and those of the epoch that comes next ahead.

import { serveEpochs, tellShown } from '../../browser/epoch_events.js';

const KEPT = 60;
const TELL_AFTER = 180; // Milliseconds without another epoch, before the page is told.

export function makeEpochs(s) {
  const kept = new Map();
  let turn = 0, timer = 0;
  const mine = { passing: false, problem: '' };

  const fetchEpoch = (epoch) => {
    const url = s.data.play.url.replace('{epoch}', epoch);
    if (!kept.has(url)) {
      kept.set(url, read(url).catch((problem) => { kept.delete(url); throw problem; }));
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    }
    return kept.get(url);
  };

  const go = async ({ epoch, passing, ahead }) => {
    const now = ++turn;
    mine.untold();
    Object.assign(mine, { passing, pinned: epoch });
    if (!passing) {
      s.hold(); // what the page draws from now on without having heard of this is passed over
      timer = setTimeout(() => s.ask({}), TELL_AFTER);
    }
    try {
      const found = await fetchEpoch(epoch ?? s.data.play.epochs.at(-1));
      if (now !== turn) return;
      mine.problem = '';
      s.show(found);
    } catch (problem) {
      if (now !== turn) return;
      mine.problem = problem.message;
      s.redraw();
    }
    if (ahead !== null) fetchEpoch(ahead).catch(() => {}); // Said when it is asked for.
  };

  mine.leave = serveEpochs({ subject: () => s.data?.subject, go, now: () => ({ epoch: s.model.epoch, pinned: mine.pinned }) });
  /** The epoch that the page has not been told yet, for what it is told next. */
  mine.untold = () => {
    const waited = timer;
    clearTimeout(timer);
    timer = 0;
    return waited ? { epoch: mine.pinned } : {};
  };
  /** The page said what is shown: nothing of before counts. */
  mine.taken = (pinned) => { turn++; mine.untold(); Object.assign(mine, { passing: false, problem: '', pinned }); };
  mine.shown = () => tellShown(s.data.subject, s.model.epoch, mine.pinned);
  mine.close = () => { turn++; mine.untold(); mine.leave(); };
  return mine;
}

async function read(url) {
  const answer = await fetch(new URL(url, document.baseURI));
  const isJson = (answer.headers.get('content-type') || '').includes('json');
  if (!answer.ok || !isJson) throw new Error(answer.ok ? 'The server did not answer with data.' : await answer.text());
  return answer.json();
}
