// Passkeys: has the browser make one or sign with one, and sends what came of it as an ordinary form.

// What is to be signed is good for five minutes; the offer in the address field is made anew before that.
const RENEW_MS = 4 * 60_000;

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) begin(form);
  for (const note of document.querySelectorAll("[data-passkeys-missing]")) note.hidden = true;
}

function begin(form) {
  let offer = null;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.elements.response.value) return;
    event.preventDefault();
    offer?.abort();
    run(form);
  });
  if ("conditional" in form.dataset) makeOffer();

  // Passkeys among what the browser offers in the address field.
  async function makeOffer() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    offer = new AbortController();
    const timer = setTimeout(() => { offer.abort(); makeOffer(); }, RENEW_MS);
    await run(form, { mediation: "conditional", signal: offer.signal });
    clearTimeout(timer);
  }
}

async function run(form, how = {}) {
  const quiet = how.mediation === "conditional";
  const button = form.querySelector("button");
  for (const note of notes(form)) note.hidden = true;
  if (!quiet) button.ariaBusy = "true";
  try {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    const publicKey = decoded(await answer.json());
    const made = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey, ...how });
    form.elements.response.value = JSON.stringify(encoded(made));
    form.requestSubmit();
  } catch (error) {
    if (!quiet) (error.name === "InvalidStateError" && form.querySelector("[data-known]") || form.querySelector("[data-failed]")).hidden = false;
  } finally {
    if (!quiet) button.ariaBusy = null;
  }
}

function notes(form) { return form.querySelectorAll("[data-failed], [data-known]"); }

function decoded(options) {
  const credentials = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) publicKey.excludeCredentials = credentials(options.excludeCredentials);
  if (options.allowCredentials) publicKey.allowCredentials = credentials(options.allowCredentials);
  return publicKey;
}

function encoded({ id, rawId, type, response }) {
  const sent = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) sent[name] = text(response[name]);
  }
  if (response.getTransports) sent.transports = response.getTransports();
  return { id, rawId: text(rawId), type, response: sent };
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
