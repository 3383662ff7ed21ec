// Calls `act` once no further call has come for `milliseconds`. `cancel` forgets a call that is waiting.

export function debounce(milliseconds, act) {
  let timer = 0;
  const call = () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
