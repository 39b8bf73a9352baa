// What is remembered on this device, per bot (and by the browser's own rule per origin): token, conversation, profile.
// A page or browser that forbids storage loses nothing but the memory across page loads.

const VERSION = 1;

export class Store {
  constructor(bot) {
    this.key = `chatcms:${bot}`;
    this.kept = { version: VERSION };
    try {
      const kept = JSON.parse(localStorage.getItem(this.key));
      if (kept?.version === VERSION) this.kept = kept;
    } catch {
      // Forbidden, or not ours: begin with nothing.
    }
  }

  get(name) {
    return this.kept[name];
  }

  set(values) {
    Object.assign(this.kept, values);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.kept));
    } catch {
      // Forbidden or full.
    }
  }

  /** Forget all but how the bot looks, which this page still needs. */
  forget() {
    this.kept = { version: VERSION, profile: this.kept.profile };
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Forbidden, and so nothing was kept.
    }
  }
}
