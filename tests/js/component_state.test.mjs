import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { ComponentState, expectRerun, resendAll } from "../../dashboard/browser/component_state.js";

// A page that remembers what it was sent, and data as it would draw them.
function opened({ subject = "run/val", session = "s1" } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [], state = new ComponentState({ session, sendAfter: 100 });
  const receive = (ack = null, of = subject) => state.receive({ subject: of, ack }, (update) => sent.push(update));
  receive();
  return { state, sent, receive, wait };
}

// In steps, so that a timer set by a timer is due when it would be.
function wait(ms = 100) {
  for (let step = 0; step < ms; step += 20) mock.timers.tick(20);
}

const ack = (sequence, session = "s1") => ({ session, sequence });

test("changes are sent together once no other comes, as words of a link", () => {
  const { state, sent, wait } = opened();
  state.change({ label: 3 });
  wait(60);
  state.change({ verdict: "wrong" });
  wait(60);
  assert.deepEqual(sent, []);
  wait(40);
  assert.deepEqual(sent, [{ session: "s1", sequence: 2, fields: { label: "3", verdict: "wrong" } }]);
});

test("a change stays pending until it is acknowledged, and newer ones outlast an older acknowledgement", () => {
  const { state, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  state.change({ label: 4 });
  assert.deepEqual(state.fields, { label: 4 });
  receive(ack(1));
  assert.deepEqual(state.fields, { label: 4 });
  assert.equal(state.isSettled, false);
  wait();
  receive(ack(2));
  assert.deepEqual(state.fields, {});
  assert.equal(state.isSettled, true);
});

test("what is not acknowledged is sent again with the next change", () => {
  const { state, sent, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  state.change({ sort: "loss" });
  wait();
  assert.deepEqual(sent[1].fields, { label: "3", sort: "loss" });
  receive(ack(1));
  state.change({ sort: "margin" });
  wait();
  assert.deepEqual(sent[2].fields, { sort: "margin" });
});

test("an acknowledgement for a component that was on the page before does not count", () => {
  const { state, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  receive(ack(7, "another"));
  assert.deepEqual(state.fields, { label: 3 });
});

test("a server that restarted is sent what it never applied, under a new number", () => {
  const { state, sent, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  receive(null);
  wait();
  assert.deepEqual(sent.map(({ sequence, fields }) => [sequence, fields]), [[1, { label: "3" }], [2, { label: "3" }]]);
  receive(ack(2));
  assert.equal(state.isSettled, true);
  receive(null);
  wait(1000);
  assert.equal(sent.length, 2);
});

test("an update without any response is sent again, ever more rarely, until it is acknowledged", () => {
  const { state, sent, receive, wait } = opened();
  const sequences = () => sent.map(({ sequence }) => sequence);
  state.change({ label: 3 });
  wait();
  wait(4900);
  assert.deepEqual(sequences(), [1]);
  wait(300);
  assert.deepEqual(sequences(), [1, 2]);
  wait(9800);
  assert.deepEqual(sequences(), [1, 2]);
  wait(500);
  assert.deepEqual(sequences(), [1, 2, 3]);
  receive(ack(2));
  wait(600_000);
  assert.deepEqual([state.isSettled, sent.length], [true, 3]);
});

test("a change that a rerun at an older URL undoes stays pending, whatever was acknowledged", () => {
  const { state, sent, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  expectRerun();
  receive(ack(1)); // applied, and undone by the rerun
  assert.deepEqual(state.fields, { label: 3 });
  wait(6000);
  assert.deepEqual(sent.at(-1).fields, { label: "3" });
  receive(ack(sent.at(-1).sequence));
  assert.equal(state.isSettled, true);
});

test("a new session of the server is sent what is pending, unless the component is gone", () => {
  const { state, sent, wait } = opened();
  state.change({ label: 3 });
  wait();
  resendAll();
  wait();
  assert.deepEqual(sent.map(({ fields }) => fields), [{ label: "3" }, { label: "3" }]);
  state.close();
  resendAll();
  wait(10_000);
  assert.equal(sent.length, 2);
});

test("data that are merely late are not answered with another update", () => {
  const { state, sent, receive, wait } = opened();
  state.change({ label: 3 });
  wait();
  receive(ack(1));
  state.change({ label: 4 });
  wait();
  receive(ack(1));
  wait(1000);
  assert.equal(sent.length, 2);
});

test("a change that is only passed through is sent with the one that stays, also when that changes nothing", () => {
  const { state, sent, wait } = opened();
  state.change({ epoch: 1 }, { passing: true });
  state.change({ epoch: 2 }, { passing: true });
  wait(1000);
  assert.deepEqual([sent, state.fields], [[], { epoch: 2 }]);
  state.change({});
  wait();
  assert.deepEqual(sent.map(({ fields }) => fields), [{ epoch: "3" }]);
  state.change({});
  wait(1000);
  assert.equal(sent.length, 1);
});

test("send does not wait, and sends nothing when nothing is pending", () => {
  const { state, sent, wait } = opened();
  state.send();
  state.change({ diagonal: false });
  state.send();
  wait(1000);
  assert.deepEqual(sent.map(({ fields }) => fields), [{ diagonal: "0" }]);
});

test("changes about another run are dropped, sent or not", () => {
  const { state, sent, receive, wait } = opened();
  state.change({ label: 3 });
  receive(null, "other/val");
  wait(1000);
  assert.deepEqual([sent, state.fields], [[], {}]);
});

test("leaving for another run drops what is pending and sends at once", () => {
  const { state, sent, wait } = opened();
  state.change({ label: 3 });
  state.leave({ run: "other", split: "val", sample: 7 });
  wait(1000);
  assert.deepEqual(sent, [{ session: "s1", sequence: 2, fields: { run: "other", split: "val", sample: "7" } }]);
  assert.equal(state.isSettled, true);
});

test("every component has a session of its own", () => {
  assert.notEqual(new ComponentState().session, new ComponentState().session);
});
