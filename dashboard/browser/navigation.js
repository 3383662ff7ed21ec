// Links to other pages of the app, followed within the session instead of loading the app again.

import { expectRerun } from "./component_state.js";
import { element } from "./dom.js";
import { queryString } from "./link.js";

const PATIENCE = 8000; // milliseconds for Streamlit to leave the page, before the browser loads the new one

// A link to the page of `to` ({page, query}: where links lead, from Python), with these fields of the view: {href, open}.
export function linkTo(to, fields, root) {
  const query = queryString(fields, to.query), href = query ? `${to.page}?${query}` : to.page;
  return { href, open: () => follow(href, root) };
}

// Goes to a page as the Back button does: in the same session, with one entry in the history.
function follow(href, root) {
  window.history.pushState(null, "", new URL(href, document.baseURI));
  rerunPage();
  setTimeout(() => { if (root.isConnected) window.location.reload(); }, PATIENCE);
}

// Has Streamlit run the whole page at its present URL, as the Back button does.
export function rerunPage() {
  expectRerun();
  window.dispatchEvent(new PopStateEvent("popstate", { state: null }));
}

// An anchor that a plain click opens inside the app and any other click as the browser does.
export function anchor({ href, open }, attributes, ...children) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open();
  };
  return element("a", { href, onclick, ...attributes }, ...children);
}
