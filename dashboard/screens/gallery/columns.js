// Reads what the server's `data/` routes send, and sends what they take. The binary layout is described in dashboard/index.py.

const ARRAYS = { int8: Int8Array, int16: Int16Array, int32: Int32Array, float32: Float32Array };
const kept = new Map(); // address -> promise; a versioned address never changes its answer
const LIMIT = 40;

export function readColumns(address) {
  return remembered(address, async () => decode(await (await get(address, "x-proofsheet-columns")).arrayBuffer()));
}

export function readJson(address, signal) {
  if (signal) return get(address, "json", signal).then((answer) => answer.json());
  return remembered(address, async () => (await get(address, "json")).json());
}

function remembered(address, read) {
  const known = kept.get(address);
  if (known) {
    kept.delete(address);
    kept.set(address, known);
    return known;
  }
  const promise = read().catch((error) => { kept.delete(address); throw error; });
  kept.set(address, promise);
  if (kept.size > LIMIT) kept.delete(kept.keys().next().value);
  return promise;
}

export async function sendJson(address, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await checked(await fetch(address, options), "json")).json();
}

// The server answers unknown paths with its start page and 200, so the type must be looked at.
async function get(address, type, signal) {
  return checked(await fetch(address, { signal }), type);
}

async function checked(answer, type) {
  const sent = answer.headers.get("content-type") || "";
  if (answer.ok && sent.includes(type)) return answer;
  const said = sent.startsWith("text/plain") ? await answer.text() : `status ${answer.status}, ${sent || "no type"}`;
  throw new Error(said);
}

export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const table = { rows: header.rows, nulls: {} };
  for (const column of header.columns) {
    table[column.name] = new ARRAYS[column.type](buffer, 4 + length + column.at, header.rows);
    if ("null" in column) table.nulls[column.name] = column.null;
  }
  return table;
}

// One row per prediction of the epoch, with the place of its tile; rows stay those of `outcomes`.
export function join(tiles, outcomes) {
  const at = places(tiles, outcomes);
  const joined = { ...outcomes, nulls: { ...outcomes.nulls }, at };
  for (const name of ["sheet", "tile", "tile_width", "tile_height", "reduced"]) {
    const from = tiles[name];
    const none = tiles.nulls[name];
    joined.nulls[name] = none;
    joined[name] = at === null ? from : from.constructor.from(at, (row) => (row < 0 ? none : from[row]));
  }
  return joined;
}

function places(tiles, outcomes) {
  const same = tiles.rows === outcomes.rows && tiles.index.every((index, row) => index === outcomes.index[row]);
  if (same) return null;
  const rowOf = new Map();
  tiles.index.forEach((index, row) => rowOf.set(index, row));
  return Int32Array.from(outcomes.index, (index) => rowOf.get(index) ?? -1);
}
