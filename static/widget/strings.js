// What the widget itself says, in the languages it speaks. {braces} are filled in.

const LANGUAGES = ["en", "de", "ar"];
const RIGHT_TO_LEFT = ["ar"];

const TEXTS = {
  open: ["Chat with {name}", "Chat mit {name}", "محادثة مع {name}"],
  close: ["Close", "Schließen", "إغلاق"],
  more: ["More", "Mehr", "المزيد"],
  ai: ["AI assistant", "KI-Assistent", "مساعد بالذكاء الاصطناعي"],
  aiNote: ["AI answers can be wrong.", "KI-Antworten können falsch sein.", "قد تخطئ إجابات الذكاء الاصطناعي."],
  placeholder: ["Ask a question", "Stellen Sie eine Frage", "اطرح سؤالًا"],
  send: ["Send", "Senden", "إرسال"],
  stop: ["Stop", "Anhalten", "إيقاف"],
  thinking: ["Looking for an answer…", "Suche nach einer Antwort …", "جارٍ البحث عن إجابة…"],
  reconnecting: [
    "Connection lost. Trying again…",
    "Verbindung verloren. Neuer Versuch …",
    "انقطع الاتصال. تجري إعادة المحاولة…",
  ],
  stopped: ["Stopped.", "Angehalten.", "تم الإيقاف."],
  you: ["You", "Sie", "أنت"],
  answer: ["Answer: {text}", "Antwort: {text}", "الإجابة: {text}"],
  transcript: ["Conversation", "Gespräch", "المحادثة"],
  suggestions: ["Suggested questions", "Vorgeschlagene Fragen", "أسئلة مقترحة"],
  sources: ["Sources", "Quellen", "المصادر"],
  source: ["Source {number}: {name}", "Quelle {number}: {name}", "المصدر {number}: {name}"],
  page: ["page {page}", "Seite {page}", "الصفحة {page}"],
  gone: ["This passage has been deleted.", "Diese Stelle wurde gelöscht.", "حُذف هذا المقطع."],
  back: ["Back", "Zurück", "رجوع"],
  copy: ["Copy", "Kopieren", "نسخ"],
  copied: ["Copied", "Kopiert", "تم النسخ"],
  good: ["Good answer", "Gute Antwort", "إجابة جيدة"],
  bad: ["Bad answer", "Schlechte Antwort", "إجابة سيئة"],
  thanks: ["Thank you.", "Danke.", "شكرًا."],
  comment: ["What was wrong? (optional)", "Was war falsch? (freiwillig)", "ما الخطأ فيها؟ (اختياري)"],
  again: ["Answer again", "Neu antworten", "إجابة أخرى"],
  retry: ["Try again", "Noch einmal versuchen", "إعادة المحاولة"],
  latest: ["To the latest message", "Zur neuesten Nachricht", "إلى أحدث رسالة"],
  fresh: ["New conversation", "Neues Gespräch", "محادثة جديدة"],
  forget: ["Forget on this device", "Auf diesem Gerät vergessen", "النسيان على هذا الجهاز"],
  error: [
    "That did not work. Try again later.",
    "Das hat nicht geklappt. Versuchen Sie es später noch einmal.",
    "لم ينجح ذلك. حاول لاحقًا.",
  ],
  offline: [
    "No connection. Try again.",
    "Keine Verbindung. Versuchen Sie es noch einmal.",
    "لا يوجد اتصال. حاول مرة أخرى.",
  ],
  tooFast: [
    "Try again in {seconds} seconds.",
    "Versuchen Sie es in {seconds} Sekunden noch einmal.",
    "حاول مرة أخرى بعد {seconds} ثانية.",
  ],
  tooMany: [
    "No more questions today. Try again tomorrow.",
    "Heute keine Fragen mehr. Versuchen Sie es morgen noch einmal.",
    "لا مزيد من الأسئلة اليوم. حاول غدًا.",
  ],
  signIn: [
    "Sign in on this page to use the chat.",
    "Melden Sie sich auf dieser Seite an, um den Chat zu nutzen.",
    "سجّل الدخول في هذه الصفحة لاستخدام المحادثة.",
  ],
  person: ["Talk to a person", "Mit einem Menschen sprechen", "التحدث مع شخص"],
  asked: [
    "A person will join; the AI answers until then",
    "Ein Mensch kommt dazu; bis dahin antwortet die KI",
    "سينضم شخص؛ حتى ذلك الحين يجيب الذكاء الاصطناعي",
  ],
  joined: ["{name} answers", "{name} antwortet", "{name} يجيب"],
};

/** Return the language to speak, its direction, and a function that gives the text of a name: the first that is known. */
export function speak(...wishes) {
  const language = wishes.map((wish) => (wish ?? "").toLowerCase().split("-")[0]).find((wish) => LANGUAGES.includes(wish)) ?? "en";
  return {
    language,
    direction: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr",
    say: (name, values = {}) => (
      TEXTS[name][LANGUAGES.indexOf(language)].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "")
    ),
  };
}
