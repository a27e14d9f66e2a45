// Ticks of the door list that wait to be sent. What the browser keeps of each are opaque keys and an
// outcome: of the form, of whom it is about, of who ticked. Never a name (docs/decisions/0100).

const KEPT = "gvi-door";

function all() {
  try {
    return JSON.parse(window.localStorage.getItem(KEPT)) || [];
  } catch {
    return [];
  }
}

function keep(ticks) {
  if (ticks.length) {
    window.localStorage.setItem(KEPT, JSON.stringify(ticks));
  } else {
    window.localStorage.removeItem(KEPT);
  }
}

function newKey() {
  return Array.from(window.crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** What waits on this device, for one user at the door of one call-in. */
export default class WaitingTicks {
  constructor(user, callIn) {
    this.user = user;
    this.callIn = callIn;
  }

  isMine(tick) {
    return tick.user === this.user && tick.callIn === this.callIn;
  }

  /** Give the own ticks in the order they were made; those another tablet forestalled are refused. */
  mine() {
    return all().filter((tick) => this.isMine(tick));
  }

  toSend() {
    return this.mine().filter((tick) => !tick.isRefused);
  }

  ofOthers() {
    return all().filter((tick) => tick.user !== this.user && !tick.isRefused);
  }

  /** Give what will stand of somebody when everything is sent; nothing where nothing waits. */
  seenAfter(who) {
    return this.toSend().findLast((tick) => tick.who === who)?.after;
  }

  /** Keep one tick: of whom, what, and what stood there before and will after it. */
  add(who, outcome, seen, after) {
    const { user, callIn } = this;
    this.forgetRefused(who);
    keep([...all(), { key: newKey(), user, callIn, who, outcome, seen, after }]);
  }

  remove(tick) {
    keep(all().filter((each) => each.key !== tick.key));
  }

  refuse(tick) {
    keep(all().map((each) => (each.key === tick.key ? { ...each, isRefused: true } : each)));
  }

  forgetRefused(who) {
    keep(all().filter((each) => !(each.isRefused && this.isMine(each) && each.who === who)));
  }

  /** How many wait on this device, whoever made them. */
  static number() {
    return all().filter((tick) => !tick.isRefused).length;
  }

  static wipe() {
    window.localStorage.removeItem(KEPT);
  }
}
