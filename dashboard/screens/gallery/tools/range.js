// The range of confidences: two sliders on one rail.

import { debounce } from "../../../browser/debounce.js";
import { element } from "../../../browser/dom.js";

const CHANGE_AFTER = 30; // milliseconds

export class ConfidenceRange {
  // onChange([low, high]), shares of 0 to 1
  constructor(onChange) {
    const slider = (name) => element("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": `${name} confidence, percent` });
    [this.low, this.high] = [slider("Lowest"), slider("Highest")];
    this.value = element("span", { class: "value" });
    const report = debounce(CHANGE_AFTER, () => onChange([this.low.value / 100, this.high.value / 100]));
    const onInput = (event) => {
      if (Number(this.low.value) > Number(this.high.value)) {
        if (event.target === this.low) this.low.value = this.high.value;
        else this.high.value = this.low.value;
      }
      this.draw();
      report();
    };
    this.low.addEventListener("input", onInput);
    this.high.addEventListener("input", onInput);
    this.element = element("div", { class: "field range" }, element("span", { class: "what", text: "Confidence" }),
      element("span", { class: "ends" }, element("span", { class: "rail" }), this.low, this.high), this.value);
  }

  update(range) {
    [this.low.value, this.high.value] = range.map((share) => Math.round(100 * share));
    this.draw();
  }

  draw() {
    this.element.style.setProperty("--low", `${this.low.value}%`);
    this.element.style.setProperty("--high", `${this.high.value}%`);
    this.value.textContent = `${this.low.value}–${this.high.value} %`;
    this.low.style.zIndex = Number(this.low.value) > 90 ? 2 : 1; // at the right end the high slider would cover it
    this.element.classList.toggle("set", this.low.value !== "0" || this.high.value !== "100");
  }
}
