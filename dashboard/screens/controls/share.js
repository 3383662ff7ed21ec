// Copies the address of the page as it is at the moment of the click.

const SAYS = { idle: "Copy link", done: "Link copied", failed: "Press Ctrl+C to copy" };

export default function ({ parentElement }) {
  const button = parentElement.querySelector(".share"), words = button.querySelector("b");
  if (!words.textContent) words.textContent = SAYS.idle;
  let back = 0;
  const say = (state) => {
    button.dataset.state = state;
    words.textContent = SAYS[state];
    clearTimeout(back);
    back = setTimeout(() => { button.dataset.state = "idle"; words.textContent = SAYS.idle; }, 2500);
  };
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      say("done");
    } catch { // browsers give the clipboard to pages on https and on this machine only
      say(copySelected(location.href) ? "done" : "failed");
    }
  };
  return () => clearTimeout(back);
}

function copySelected(text) {
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
