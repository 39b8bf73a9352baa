// The real widget, and a server that answers with one text in all places; the answer comes a byte at a time.
async (texts) => {
  window.requestAnimationFrame = (draw) => setTimeout(draw);
  let text = "";
  const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  const encoder = new TextEncoder();
  const stream = (events) => new Response(new ReadableStream({
    async start(controller) {
      for (const byte of encoder.encode(events)) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  }));
  const citation = () => ({ number: 1, document: text, section: text, page: 1, quote: text, chunk_id: "c", document_id: "d" });
  const event = (name, data, id) => `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  window.fetch = async (address) => {
    const path = new URL(address).pathname;
    if (path.endsWith("/visitors")) {
      const look = Object.fromEntries(["accent", "theme", "position", "launcher_icon", "launcher_text", "title", "avatar",
        "placeholder", "language", "legal_note", "legal_url"].map((name) => [name, text]));
      return json({ token: "t", expires_at: new Date(Date.now() + 1e6).toISOString(), conversation_id: "c", visitor_id: "v",
        bot: { id: "b", name: text, welcome_message: text, suggested_questions: [text, `${text} `, "x"], look } });
    }
    if (path.endsWith("/messages") && path.includes("/bots/")) {
      const ids = { conversation_id: "c", question_id: "q", message_id: "m" };
      return stream(event("conversation", ids, "0") + event("delta", { text }, "1") + event("citation", citation(), "2")
        + event("delta", { text: ` [1] ${text}` }, "3") + event("done", { ...ids, finish_reason: "stop" }, "4"));
    }
    return json({ code: text, detail: text, title: text }, 400);
  };
  const until = async (true_) => { for (let at = 0; at < 400 && !true_(); at += 1) await new Promise((done) => setTimeout(done, 5)); };
  const results = [];
  for (text of texts) {
    localStorage.clear();
    const widget = document.body.appendChild(document.createElement("chat-ai-widget"));
    const fresh = document.createElement("chat-ai-widget");
    widget.remove();
    fresh.setAttribute("bot", "b");
    fresh.setAttribute("server", location.origin);
    document.body.append(fresh);
    await until(() => fresh.shadowRoot.querySelector(".launcher"));
    await fresh.ask(text);
    const root = fresh.shadowRoot;
    await until(() => root.querySelector(".turn[data-state=done] .chip"));
    const state = root.querySelector(".turn")?.dataset.state;
    const found = [...root.querySelectorAll("*")].filter((element) => /^(script|img|image|iframe|object|embed|style|link|base|meta|video|audio|form)$/.test(element.localName)
      && !element.matches("form.composer, form.comment"));
    const handlers = [...root.querySelectorAll("*")].filter((element) => [...element.attributes].some(({ name }) => name.startsWith("on")));
    const links = [...root.querySelectorAll("a")].filter((link) => !/^(https?|mailto):$/.test(link.protocol));
    root.querySelector(".chip")?.click();
    results.push({ text, state, strange: [...found, ...handlers, ...links].map((element) => element.outerHTML) });
    await new Promise((done) => setTimeout(done, 2));
    fresh.destroy();
  }
  return results;
}
