// Reads what the routes under `data/` send. Both the status and the content type are checked: Streamlit answers unknown
// paths with its start page and status 200.

const STALE = 409;

export async function fetchJson(url) {
  return (await checked(await fetch(url), "json")).json();
}

// The body as an ArrayBuffer, if it is of this content type.
export async function fetchBinary(url, type) {
  return (await checked(await fetch(url), type)).arrayBuffer();
}

export async function sendJson(url, body) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await checked(await fetch(url, request), "json")).json();
}

// Throws an Error with the sentence of the server when it sent one; `stale` when the page's data are of former files.
async function checked(response, type) {
  const sent = response.headers.get("content-type") || "";
  if (response.ok && sent.includes(type)) return response;
  const message = sent.startsWith("text/plain") ? await response.text() : `status ${response.status}, ${sent || "no content type"}`;
  throw Object.assign(new Error(message), { stale: response.status === STALE });
}

// Responses by URL, the most recently used ones; for URLs that hold a version, so that their response never changes.
export class Responses {
  constructor(limit) {
    this.limit = limit;
    this.promises = new Map();
  }

  // What read(url) resolves to; a failure is forgotten, so that the next call tries again.
  get(url, read) {
    const promise = this.promises.get(url) ?? read(url).catch((error) => { this.promises.delete(url); throw error; });
    this.promises.delete(url);
    this.promises.set(url, promise);
    if (this.promises.size > this.limit) this.promises.delete(this.promises.keys().next().value);
    return promise;
  }
}
