// Copies the URL of the page as it is at the moment of the click.

const LABELS = { idle: "Copy link", done: "Link copied", failed: "Press Ctrl+C to copy" };
const RESET_AFTER = 2500; // milliseconds

export function mount({ parentElement }) {
  const button = parentElement.querySelector(".copy"), label = button.querySelector("b");
  let timer = 0;
  const show = (state) => {
    button.dataset.state = state;
    label.textContent = LABELS[state];
    clearTimeout(timer);
    if (state !== "idle") timer = setTimeout(() => show("idle"), RESET_AFTER);
  };
  if (!label.textContent) show("idle");
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      show("done");
    } catch { // browsers offer the clipboard only to pages on https and on localhost
      show(copyBySelection(location.href) ? "done" : "failed");
    }
  };
  return () => clearTimeout(timer);
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
