// Steps through the epochs of the split, fetching each just ahead of its turn; where it stops, the page stays.

const STEP_MS = 550;
const KEPT = 60;

export function makePlayer(s) {
  const kept = new Map();
  const player = { playing: false, problem: '' };
  let timer = 0, turn = 0;

  const fetchEpoch = (epoch) => {
    const url = s.data.play.url.replace('{epoch}', epoch);
    if (!kept.has(url)) {
      kept.set(url, read(url).catch((problem) => { kept.delete(url); throw problem; }));
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    }
    return kept.get(url);
  };

  const step = async (epoch, mine) => {
    const { epochs } = s.data.play;
    try {
      const now = await fetchEpoch(epoch);
      if (mine !== turn) return;
      s.show(now);
    } catch (problem) {
      if (mine === turn) { player.problem = problem.message; player.stop(true); }
      return;
    }
    const next = epochs[epochs.indexOf(epoch) + 1];
    if (next === undefined) { player.stop(true); return; }
    fetchEpoch(next).catch(() => {});
    timer = setTimeout(() => step(next, mine), STEP_MS);
  };

  player.start = () => {
    const { epochs } = s.data.play, at = epochs.indexOf(s.model.epoch);
    player.playing = true;
    player.problem = '';
    step(epochs[at + 1] ?? epochs[0], ++turn);
  };

  /** `pin`: tell the page the epoch at which it stopped. */
  player.stop = (pin) => {
    clearTimeout(timer);
    turn++;
    const was = player.playing;
    player.playing = false;
    if (was && pin) s.set({ epoch: s.model.epoch });
  };
  return player;
}

async function read(url) {
  const answer = await fetch(new URL(url, document.baseURI));
  const isJson = (answer.headers.get('content-type') || '').includes('json');
  if (!answer.ok || !isJson) throw new Error(answer.ok ? 'The server did not answer with data.' : await answer.text());
  return answer.json();
}
