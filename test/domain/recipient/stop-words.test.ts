// What opts out: written messages, labels and payloads of buttons, in many languages and spellings.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPT_OUT_WORDS } from "../../../src/domain/recipient/opt-out-words.ts";
import {
  looksLikeOptOut,
  optOutTest,
  readStopWords,
} from "../../../src/domain/recipient/stop-words.ts";
import { codePoint, runsOf } from "../../support/arbitraries.ts";

const { isText, isTap } = optOutTest();

/** Honoured in writing, and on a button too. */
const WRITTEN = [
  ...[
    "STOP",
    " stop. ",
    "Stop!!!",
    "stoppp",
    "STOP 🛑",
    "🛑 Stop",
    "ＳＴＯＰ",
    "S T O P",
    "s.t.o.p",
    "𝐒𝐓𝐎𝐏",
    "“Stop”",
    "ST\u200BOP",
  ],
  ...[
    "Stop please",
    "please stop",
    "Please, stop!",
    "Hi, please stop. Thank you",
    "STOPALL",
    "stop all",
    "Stop this now",
    "No thanks, stop",
    "stopp det",
    "STOP STOP STOP",
  ],
  ...[
    "unsubscribe me",
    "Unsubscribe",
    "unsubcribe",
    "Please unsubscribe me from this list",
    "I want to unsubscribe",
    "Opt-out",
    "optout",
  ],
  ...[
    "Not interested",
    "not interested, thanks",
    "remove me",
    "Take me off your list",
    "leave me alone",
    "Stop messaging me",
    "stop texting",
  ],
  ...[
    "Don't message me again",
    "dont text me",
    "Don’t send me any more messages",
    "I don't want to receive these messages",
    "No more ads please",
  ],
  ...[
    "Stop promotions",
    "Stop marketing",
    "Stop messages",
    "stop sending me these",
    "CANCEL",
    "End",
    "quit",
    "Cancel, thanks",
  ],
  ...[
    "SAIR",
    "Sair!",
    "Parar",
    "PARE",
    "Parem",
    "Parar promoções",
    "Sair da lista",
    "Quero sair",
    "Não quero mais receber",
    "Cancelar",
  ],
  ...[
    "Não quero receber",
    "nao quero mais receber essas mensagens",
    "Descadastrar-se",
    "Descadastrar",
    "Me descadastre por favor",
  ],
  ...[
    "Cancelar assinatura",
    "cancelar inscrição",
    "Parar de receber",
    "Interromper promoções",
    "Chega",
    "Por favor parem de mandar mensagens",
  ],
  ...[
    "Por favor, me tirem da lista. Obrigada",
    "Bom dia, gostaria de sair da lista",
    "Não tenho interesse",
    "Não me interessa",
  ],
  ...[
    "BAJA",
    "No gracias, baja",
    "Déjenme en paz",
    "bórrame de la lista",
    "Baja por favor",
    "Darse de baja",
    "darme de baja",
    "Detener promociones",
    "Cancelar suscripción",
    "No quiero recibir más mensajes",
  ],
  ...[
    "No me interesa",
    "Por favor no me envíen más mensajes",
    "dejen de mandar publicidad",
    "Alto",
    "Salir",
  ],
  ...[
    "ARRÊT",
    "Arrêter",
    "Arretez",
    "Se désinscrire",
    "désabonner",
    "Je veux me désabonner",
    "Ne plus recevoir",
    "Stop pub",
    "Plus de messages svp",
  ],
  ...[
    "Stopp",
    "Abmelden",
    "abbestellen",
    "Bitte abmelden",
    "Werbung stoppen",
    "Keine Werbung mehr",
    "Bitte keine weiteren Nachrichten",
    "Kein Interesse",
  ],
  ...["Bitte melden Sie mich ab", "Nachrichten bitte stoppen"],
  ...["Un subscribe", "Excluir meu número", "Retirar da lista", "Eliminar", "Quítenme de la lista"],
  ...["No molestar", "Non scrivetemi più", "Keluar", "Henti", "وقف", "mujhe message mat karo"],
  ...["Çıkış", "Больше не пишите", "Nechci zprávy", "Odjava", "Odjavi me", "پیغام مت بھیجو"],
  ...["Ngừng", "Từ chối", "બંધ કરો", "ਬੰਦ ਕਰੋ", "ನಿಲ್ಲಿಸಿ", "Отпиши ме", "Спри"],
  ...[
    "Basta",
    "Disiscrivimi",
    "Cancellami",
    "Annulla iscrizione",
    "Non voglio più ricevere messaggi",
    "Non mi interessa",
  ],
  ...[
    "Afmelden",
    "Uitschrijven",
    "Meld mij af aub",
    "Geen berichten meer",
    "Stoppen",
    "Geen interesse",
  ],
  ...[
    "Wypisz mnie",
    "Rezygnuję",
    "Proszę nie wysyłać",
    "Nie chcę otrzymywać wiadomości",
    "Usuń mój numer",
    "Nie jestem zainteresowana",
  ],
  ...[
    "RET",
    "Durdur",
    "İPTAL",
    "iptal",
    "Abonelikten çık",
    "Mesaj almak istemiyorum",
    "Lütfen mesajları durdurun",
    "Çık",
    "Listeden çıkar",
  ],
  ...[
    "إلغاء الاشتراك",
    "الغاء الاشتراك",
    "إيقاف",
    "توقف",
    "إيقاف الرسائل",
    "من فضلك أوقفوا الرسائل",
    "غير مهتم",
    "لا أريد رسائل",
    "إلغاء",
  ],
  ...[
    "बंद करो",
    "बंद करें",
    "बन्द करो",
    "रोकें",
    "कृपया बंद करें",
    "मैसेज बंद करो",
    "band karo",
    "Band karo please",
    "मुझे मैसेज मत भेजो",
    "अनसब्सक्राइब",
  ],
  ...[
    "Berhenti",
    "Berhenti berlangganan",
    "Tolong berhenti",
    "Jangan kirim lagi",
    "Tidak tertarik",
  ],
  ...[
    "Стоп",
    "Отписаться",
    "отпишите меня пожалуйста",
    "Не присылайте больше",
    "Удалите мой номер",
    "Отмена",
    "Відписатися",
  ],
  ...["Sitisha tafadhali", "acha kutuma ujumbe", "sitaki matangazo"],
  ...["הסר", "הסירו אותי בבקשה", "להסיר", "לא מעוניין", "די", "עצור", "הסרה מרשימת תפוצה"],
  ...[
    "退订",
    "停止",
    "取消订阅",
    "配信停止",
    "ストップ",
    "수신거부",
    "수신 거부",
    "หยุด",
    "ยกเลิก",
    "Dezabonare",
    "Odhlásit",
    "Leiratkozás",
    "Hủy đăng ký",
  ],
  ...[
    "बंद करा",
    "বন্ধ করুন",
    "நிறுத்து",
    "ఆపండి",
    "بند کرو",
    "لغو اشتراک",
    "Afmeld",
    "Avregistrera",
    "Lopeta",
    "Διακοπή",
  ],
];

const SIGNED = [
  ...["> Oi Ana, 20 % hoje\nSTOP", "Stop\n> Hi Ana, 20 % off today"],
  ...[
    "STOP\n\nSent from my iPhone",
    "STOP\n\nSent from my phone",
    "Stop\r\n\r\nSent from my Galaxy S24",
    "stop\n\nSent from Outlook for Android",
  ],
  ...[
    "STOP\n\nSent from my Samsung Galaxy smartphone.\nGet Outlook for Android",
    "Sair\n\nEnviado do meu iPhone",
    "BAJA\n\nEnviado desde mi iPhone",
  ],
  ...[
    "Stop\n\nEnvoyé de mon iPhone",
    "Stopp\n\nVon meinem iPhone gesendet",
    "Basta\n\nInviato da iPhone",
    "Stop\n\nVerzonden vanaf mijn iPhone",
  ],
  ...[
    "RET\n\niPhone'umdan gönderildi",
    "Dur\n\nAndroid telefonumdan gönderildi",
    "Стоп\n\nОтправлено с iPhone",
    "बंद करो\n\nमेरे iPhone से भेजा गया",
  ],
  ...[
    "STOP\n-- \nAna Souza\nAcme Ltda, 55 11 90000-0000",
    "Stop\n\nAna",
    "Please stop\n\nAna Souza",
    "Stop.\n\nBest regards,\nBob Smith",
    "STOP thanks, John",
  ],
  ...[
    "Sair\n\nAtenciosamente,\nJoão da Silva",
    "Abmelden\n\nMit freundlichen Grüßen\nEva Maier",
    "Stop\n\nThanks\nBob",
    "توقف\n\nمحمد علي",
  ],
];

/** No opt-out in writing. */
const OTHER = [
  // "All right" in Hindi and Urdu, "stop" in Swahili.
  ...["Acha", "acha ji", "acha thanks"],
  // "Friend" there, and "enough" in Czech.
  ...["hi dost", "thanks dost"],
  ...["> Reply STOP to opt out\nWhat is this?"],
  ...[
    "",
    "   ",
    "!!!",
    "🛑",
    "don't stop",
    "Don’t stop!",
    "please don't stop",
    "dont stop",
    "do not stop",
    "never stop",
    "non stop",
    "Non-stop!",
  ],
  ...[
    "stopwatch",
    "stop by tomorrow?",
    "Stop by tomorrow",
    "I will stop by your store",
    "bus stop",
    "how do I stop this?",
    "Can you stop the delivery?",
  ],
  ...[
    "stop the order",
    "Cancel my order",
    "cancel order 123",
    "Cancel it and refund me",
    "cancel the appointment",
    "when does the offer end?",
    "The end",
  ],
  ...[
    "Yes",
    "No",
    "No thanks",
    "Not now",
    "ok",
    "Start",
    "I am interested",
    "How much is it?",
    "unsubscribe? no way, I love these",
    "remove the first item",
  ],
  ...[
    "Não",
    "Não quero",
    "Não quero sair",
    "Quero receber ofertas",
    "Cancelar meu pedido",
    "cancelar o pedido 55",
    "Para receber ofertas",
    "vou sair agora e já volto",
  ],
  ...[
    "para mim",
    "Pare de graça, quero dois",
    "A que horas vocês vão parar de atender?",
    "mais alto",
    "más alto",
    "La más baja",
    "precio más bajo",
  ],
  ...[
    "no quiero cancelar",
    "Fin de la promo?",
    "Fin de promo ?",
    "Wann ist Ende der Aktion?",
    "Ende der Aktion?",
    "Fine",
    "Seis",
    "seis",
    "Perú",
    "Peru",
    "Red",
  ],
  ...[
    "Đúng",
    "đúng rồi",
    "Stop ".repeat(100),
    `stop ${"please ".repeat(60)}`,
    "Stop\n\nWhere is my order?",
    "Cancel\n\nOrder 1234",
  ],
  ...[
    "Je ne veux pas arrêter",
    "Nicht abmelden",
    "Bitte nicht stoppen",
    "لا توقف العرض",
    "बंद मत करो",
    "не отписывайте меня",
    "Jangan berhenti",
  ],
  ...[
    "Thanks for the message",
    "message",
    "ok thanks",
    "please",
    "Sent from my iPhone",
    "I stopped by yesterday",
    "Stop thanks to your great offer I bought two",
  ],
];

/** Honoured on a button, and in writing only when it stands in a list above. */
const TAPS = [
  ...["Leave list", "No quiero promos", "प्रचार बंद करें", "Nie chcę ofert", "No thanks, stop"],
  ...[
    "Unsubscribe from Promos",
    "Unsubscribe from All",
    "Stop messages",
    "Stop marketing",
    "Stop ads",
    "Stop receiving",
    "Opt out of promotions",
  ],
  ...[
    "STOP to opt out",
    "Not interested",
    "Yes, unsubscribe me",
    "Cancel subscription",
    "End messages",
    "Block promotions",
    "I want to opt out",
  ],
  ...[
    "Parar de receber ofertas",
    "Não quero receber",
    "Descadastrar-se",
    "Cancelar assinatura",
    "Cancelar promoções",
    "Bloquear mensagens",
    "Sim, descadastrar",
  ],
  ...[
    "Darme de baja de la lista",
    "Cancelar mensajes",
    "Me désinscrire de la liste",
    "Newsletter abbestellen",
    "Ja, Werbung stoppen",
    "Annulla la mia iscrizione",
  ],
  ...[
    "Uitschrijven voor acties",
    "Wypisz mnie z listy",
    "Promosyonları durdur",
    "إلغاء الاشتراك من العروض",
    "मैसेज बंद करें अभी",
    "Отписаться от рассылки",
    "הסירו אותי מהרשימה",
  ],
  ...[
    "STOP_PROMOTIONS",
    "stopPromotions",
    "unsubscribe-all",
    "opt_out:promo",
    "btn_unsubscribe",
    "UNSUBSCRIBE_2026_11",
    '{"action":"stop"}',
    "payload_stop",
    "STOP",
  ],
];

const NO_TAPS = [
  ...["No thanks", "No, gracias", "Nein danke"],
  ...[
    "Shop now",
    "See offers",
    "Yes",
    "No, thanks",
    "Keep me subscribed",
    "Don't unsubscribe me",
    "No quiero darme de baja",
    "Não descadastrar",
    "Nicht abmelden",
  ],
  ...[
    "Cancel order",
    "Cancelar pedido",
    "Stop by the store",
    "One-stop shop",
    "Non-stop deals",
    "Remind me later",
    "End of season sale",
    "Baja de precios",
    "Start",
    "subscribe",
  ],
];

describe("an opt-out in writing", () => {
  it.each(WRITTEN)("%j", (text) => {
    expect(isText(text)).toBe(true);
    expect(isTap(text)).toBe(true);
  });

  it.each(SIGNED)("%j, signed", (text) => {
    expect(isText(text)).toBe(true);
  });

  it.each(OTHER)("%j is none", (text) => {
    expect(isText(text)).toBe(false);
  });
});

describe("an opt-out by a button", () => {
  it.each(TAPS)("%j", (text) => {
    expect(isTap(text)).toBe(true);
  });

  it.each(NO_TAPS)("%j is none", (text) => {
    expect(isTap(text)).toBe(false);
  });
});

describe("a button that looks like an opt-out", () => {
  it.each([
    "Stop by the store",
    "Cancel order",
    "Chega de ofertas",
    "Silenciar",
    "Mute us",
    "Remover",
    "Leave",
    "Désactiver",
  ])("%j does", (text) => {
    expect(looksLikeOptOut(text)).toBe(true);
  });

  it.each([
    "Shop now",
    "See offers",
    "Comprar",
    "Yes",
    "Não",
    "Track my parcel",
    "Weekend deals",
    "Talk to us",
  ])("%j does not", (text) => {
    expect(looksLikeOptOut(text)).toBe(false);
  });
});

describe("words of one's own", () => {
  const own = optOutTest(["Não quero", "¡Ya no más!"]);

  it("count beside the built-in ones, in any spelling and with courtesy", () => {
    for (const text of ["nao quero", "NÃO QUERO!", "Não quero, obrigado", "ya no mas", "stop"])
      expect(own.isText(text)).toBe(true);
    expect(own.isText("não quero esse, quero o azul")).toBe(false);
    expect(own.isTap("Não quero ofertas")).toBe(true);
  });

  it("are read from a file, one a line, and lines that are none are named", () => {
    const text = `\uFEFFChega\r\n\n# all of ours\n¡Ya no más! # Mexico\n!!!\n${"x".repeat(61)}`;
    expect(readStopWords(text)).toEqual({ words: ["Chega", "¡Ya no más!"], badLines: [5, 6] });
  });
});

describe("the words of every language", () => {
  const cases = Object.entries(OPT_OUT_WORDS).flatMap(
    ([language, { commands, weak = "", phrases }]) =>
      [commands, weak, phrases].flatMap((list) =>
        list
          .split(",")
          .flatMap((word) => (word.trim() === "" ? [] : [[language, word.trim()] as const])),
      ),
  );

  it("opt out by themselves, with courtesy, and on a button", () => {
    for (const [language, word] of cases) {
      const { courtesy } = OPT_OUT_WORDS[language] as { courtesy: string };
      const polite = courtesy.split(",")[0] as string;
      for (const text of [word, `${word}, ${polite}`, `${polite} ${word}`])
        expect([language, text, isText(text)]).toEqual([language, text, true]);
      expect([language, word, isTap(word)]).toEqual([language, word, true]);
    }
  });

  it("are not opted out by a greeting", () => {
    for (const [language, { courtesy, nouns, links }] of Object.entries(OPT_OUT_WORDS)) {
      for (const word of [courtesy, nouns, links].flatMap((list) => list.split(","))) {
        expect([language, word, isText(word)]).toEqual([language, word, false]);
      }
    }
  });
});

describe("however it is written", () => {
  const decoration = fc.constantFrom(
    "",
    " ",
    "!",
    "...",
    " 🛑",
    " 🙏🏽",
    "\u200B",
    "\uFEFF",
    "\u00A0",
    "\n",
    "?",
    " :(",
    "*",
    "_",
    "\u2060",
    "❗️",
    "»",
    "\u200F",
  );
  const unseen = fc.constantFrom("", "\u200B", "\u200D", "\u2060", "\u00AD", "\uFE0F");
  const spelling = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => text.toLowerCase(),
    (text) => text.normalize("NFD"),
    (text) => text.normalize("NFC"),
    (text) =>
      text.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  );
  const signature = fc.constantFrom(
    "",
    "\n\nSent from my iPhone",
    "\n-- \nAna",
    "\n\nEnviado do meu iPhone",
    "\n\nRegards, Ana",
  );
  const word = fc.constantFrom(...WRITTEN.filter((text) => /^[\p{L}\p{M} ]+$/u.test(text)));

  it("an opt-out stays one: case, width, accents' form, punctuation, emoji, unseen characters, signature", () => {
    fc.assert(
      fc.property(
        word,
        spelling,
        decoration,
        decoration,
        unseen,
        signature,
        fc.nat(30),
        (text, spell, before, after, hidden, below, at) => {
          const spelled = spell(text);
          const letters = [...spelled];
          const cut = Math.min(at, letters.length);
          // Between a letter and its accent nothing is put.
          const isInside = /^\p{M}/u.test(letters[cut] ?? "") || hidden === "\u200D";
          const whole = isInside
            ? spelled
            : `${letters.slice(0, cut).join("")}${hidden}${letters.slice(cut).join("")}`;
          expect(isText(`${before}${whole}${after}${below}`)).toBe(true);
        },
      ),
      { numRuns: runsOf(2_000) },
    );
  });

  it("whatever else it is, reading it never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint, maxLength: 200 }), (text) => {
        expect(typeof isText(text)).toBe("boolean");
        expect(typeof isTap(text)).toBe("boolean");
        expect(typeof looksLikeOptOut(text)).toBe("boolean");
      }),
    );
  });
});
